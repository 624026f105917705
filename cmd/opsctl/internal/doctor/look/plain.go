package look

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"opsh/cmd/opsctl/internal/doctor"
)

// What ECS answers, as plain facts.

func serviceOf(t types.Task) string {
	name, ok := strings.CutPrefix(aws.ToString(t.Group), "service:")
	if !ok {
		return ""
	}
	return name
}

func taskFact(t types.Task, container string) doctor.Task {
	f := doctor.Task{
		ID: last(aws.ToString(t.TaskArn)), Status: aws.ToString(t.LastStatus), Desired: aws.ToString(t.DesiredStatus), Stopped: aws.ToString(t.StoppedReason),
		LaunchType: string(t.LaunchType), Family: aws.ToString(t.PlatformFamily), Platform: aws.ToString(t.PlatformVersion), Exec: t.EnableExecuteCommand,
	}
	for _, c := range t.Containers {
		if strings.HasPrefix(aws.ToString(c.Name), "~internal~") { // what ECS adds
			continue
		}
		f.Containers++
		if aws.ToString(c.Name) != container {
			continue
		}
		f.ContainerStatus, f.ContainerReason, f.RuntimeID = aws.ToString(c.LastStatus), aws.ToString(c.Reason), aws.ToString(c.RuntimeId)
		for _, a := range c.ManagedAgents {
			if a.Name == types.ManagedAgentNameExecuteCommandAgent {
				f.Agent = &doctor.Agent{Status: aws.ToString(a.LastStatus), Reason: aws.ToString(a.Reason)}
			}
		}
	}
	return f
}

func definitionFact(t types.TaskDefinition, container string) doctor.Definition {
	d := doctor.Definition{ARN: aws.ToString(t.TaskDefinitionArn), Family: aws.ToString(t.Family), Revision: int(t.Revision), PidMode: string(t.PidMode)}
	for _, c := range t.ContainerDefinitions {
		if aws.ToString(c.Name) != container {
			continue
		}
		d.Container = true
		d.User, d.EntryPoint, d.Command = aws.ToString(c.User), c.EntryPoint, c.Command
		d.Environment, d.EnvironmentFiles = pairs(c.Environment), len(c.EnvironmentFiles)
		for _, s := range c.Secrets {
			d.Secrets = append(d.Secrets, aws.ToString(s.Name))
		}
		d.ReadOnly, d.Privileged = aws.ToBool(c.ReadonlyRootFilesystem), aws.ToBool(c.Privileged)
		for _, m := range c.MountPoints {
			if !aws.ToBool(m.ReadOnly) {
				d.Writable = append(d.Writable, aws.ToString(m.ContainerPath))
			}
		}
		if p := c.LinuxParameters; p != nil {
			d.Init = aws.ToBool(p.InitProcessEnabled)
			if p.Capabilities != nil {
				d.Dropped = p.Capabilities.Drop
			}
			for _, m := range p.Tmpfs {
				d.Writable = append(d.Writable, aws.ToString(m.ContainerPath))
			}
		}
		if to := c.LogConfiguration; to != nil {
			d.LogDriver, d.LogOptions = string(to.LogDriver), to.Options
		}
	}
	return d
}

func pairs(list []types.KeyValuePair) map[string]string {
	all := map[string]string{}
	for _, kv := range list {
		all[aws.ToString(kv.Name)] = aws.ToString(kv.Value)
	}
	return all
}
