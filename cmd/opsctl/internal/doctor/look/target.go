package look

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"opsh/cmd/opsctl/internal/doctor"
)

// cluster is the cluster with its ECS Exec configuration.
func (l *Looker) cluster(ctx context.Context, name string) doctor.Fact[doctor.Cluster] {
	out, err := l.ecs.DescribeClusters(ctx, &ecs.DescribeClustersInput{Clusters: []string{name}, Include: []types.ClusterField{types.ClusterFieldConfigurations}})
	if err != nil {
		return unknown[doctor.Cluster](l, err)
	}
	if len(out.Clusters) == 0 {
		return doctor.Known(doctor.Cluster{})
	}
	c := doctor.Cluster{Status: aws.ToString(out.Clusters[0].Status)}
	if g := out.Clusters[0].Configuration; g != nil && g.ExecuteCommandConfiguration != nil {
		e := g.ExecuteCommandConfiguration
		c.Logging, c.KeyID = string(e.Logging), aws.ToString(e.KmsKeyId)
		if to := e.LogConfiguration; to != nil {
			c.Group, c.GroupEncrypted = aws.ToString(to.CloudWatchLogGroupName), to.CloudWatchEncryptionEnabled
			c.Bucket, c.Prefix, c.BucketEncrypts = aws.ToString(to.S3BucketName), aws.ToString(to.S3KeyPrefix), to.S3EncryptionEnabled
		}
	}
	return doctor.Known(c)
}

// target is what was found of the task and its definition, for who looks further.
type target struct {
	task       *types.Task // nil: there is none
	definition *types.TaskDefinition
	instance   *types.ContainerInstance
	blind      error  // why the instance isn't known, where there is one
	why, fix   string // why something of these is missing
}

// target looks at the task, its service, its instance and its definition. Without a task the service's definition counts: it is the next task's.
func (l *Looker) target(ctx context.Context, f *doctor.Facts, w Wanted) target {
	t := target{why: w.NoTask}
	service, definition := w.Service, ""
	if w.Task == "" {
		f.Task = doctor.Unknown[doctor.Task](w.NoTask, "")
	} else if task, err := l.task(ctx, w); err != nil {
		f.Task = unknown[doctor.Task](l, err)
		t.why, t.fix = f.Task.Why, f.Task.Fix
	} else {
		t.task = &task
		f.Task = doctor.Known(taskFact(task, w.Container))
		definition = aws.ToString(task.TaskDefinitionArn)
		service = serviceOf(task)
		f.Instance = l.instance(ctx, w.Cluster, &t)
	}
	f.Service = doctor.Known(doctor.Service{})
	if service != "" {
		s, err := l.service(ctx, w.Cluster, service)
		f.Service = doctor.Known(doctor.Service{Name: service, Exec: s.EnableExecuteCommand})
		if err != nil {
			f.Service = unknown[doctor.Service](l, err)
			f.Service.Value.Name = service
		}
		definition = cmp.Or(definition, aws.ToString(s.TaskDefinition))
	}
	if definition == "" {
		f.Definition = doctor.Unknown[doctor.Definition](cmp.Or(t.why, f.Service.Why, "no task definition is known"), t.fix)
		return t
	}
	out, err := l.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &definition})
	if err != nil {
		f.Definition = unknown[doctor.Definition](l, err)
		t.why, t.fix = f.Definition.Why, f.Definition.Fix
		return t
	}
	t.definition = out.TaskDefinition
	if f.ContainerName == "" && len(t.definition.ContainerDefinitions) == 1 { // nothing ran that could have named it
		f.ContainerName = aws.ToString(t.definition.ContainerDefinitions[0].Name)
	}
	d := definitionFact(*t.definition, f.ContainerName)
	if t.task != nil {
		override(&d, t.task.Overrides, f.ContainerName)
	}
	f.Definition = doctor.Known(d)
	if _, set := d.LogOptions["mode"]; d.LogDriver != "" && !set {
		f.LogMode = l.logMode(ctx)
	}
	return t
}

func (l *Looker) task(ctx context.Context, w Wanted) (types.Task, error) {
	out, err := l.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &w.Cluster, Tasks: []string{w.Task}})
	if err != nil {
		return types.Task{}, err
	}
	if len(out.Tasks) == 0 {
		return types.Task{}, fmt.Errorf("the task %s is gone", w.Task)
	}
	return out.Tasks[0], nil
}

func (l *Looker) service(ctx context.Context, cluster, name string) (types.Service, error) {
	out, err := l.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &cluster, Services: []string{name}})
	if err != nil {
		return types.Service{}, err
	}
	if len(out.Services) == 0 {
		return types.Service{}, fmt.Errorf("there is no service %s", name)
	}
	return out.Services[0], nil
}

// instance is the machine of a task that isn't on Fargate.
func (l *Looker) instance(ctx context.Context, cluster string, t *target) doctor.Fact[doctor.Instance] {
	at := aws.ToString(t.task.ContainerInstanceArn)
	if at == "" {
		return doctor.Unknown[doctor.Instance]("the task has no instance", "")
	}
	out, err := l.ecs.DescribeContainerInstances(ctx, &ecs.DescribeContainerInstancesInput{Cluster: &cluster, ContainerInstances: []string{at}})
	if err == nil && len(out.ContainerInstances) == 0 {
		err = errors.New("the task's instance is gone")
	}
	if err != nil {
		t.blind = err
		return unknown[doctor.Instance](l, err)
	}
	t.instance = &out.ContainerInstances[0]
	i := doctor.Instance{}
	if v := t.instance.VersionInfo; v != nil {
		i.AgentVersion = aws.ToString(v.AgentVersion)
	}
	return doctor.Known(i)
}

// logMode is the account's default. ECS has non-blocking where it was never set.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html
func (l *Looker) logMode(ctx context.Context) doctor.Fact[string] {
	out, err := l.ecs.ListAccountSettings(ctx, &ecs.ListAccountSettingsInput{Name: types.SettingNameDefaultLogDriverMode, EffectiveSettings: true})
	if err != nil {
		return unknown[string](l, err)
	}
	for _, s := range out.Settings {
		if s.Name == types.SettingNameDefaultLogDriverMode {
			return doctor.Known(aws.ToString(s.Value))
		}
	}
	return doctor.Known("non-blocking")
}

// override is what was set for this one task when it was started.
func override(d *doctor.Definition, o *types.TaskOverride, container string) {
	if o == nil {
		return
	}
	for _, c := range o.ContainerOverrides {
		if aws.ToString(c.Name) != container {
			continue
		}
		if len(c.Command) > 0 {
			d.Command = c.Command
		}
		d.EnvironmentFiles += len(c.EnvironmentFiles)
		maps.Copy(d.Environment, pairs(c.Environment))
	}
}
