package ecsmoto

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Region is that of everything here, Account moto's.
const (
	Region  = "ap-northeast-1"
	Account = "123456789012"
)

// Config asks the server at url, as somebody whom it believes.
func Config(url string) aws.Config {
	return aws.Config{Region: Region, BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("AKIAIOSFODNN7EXAMPLE", "secret", "")}
}

// Environ are the variables that make opsctl do the same.
func Environ(url string) []string {
	return []string{"AWS_ENDPOINT_URL=" + url, "AWS_REGION=" + Region, "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_EC2_METADATA_DISABLED=true"}
}

// Task makes a cluster (where it isn't there yet) and tasks of a service in it, on Fargate, with containers of these names, and returns their
// ids. For moto the service's name is only the tasks' group.
func (a *AWS) Task(t testing.TB, cluster, service string, count int, containers ...string) []string {
	t.Helper()
	ctx := context.Background()
	c := ecs.NewFromConfig(Config(a.URL))
	_, err := c.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: &cluster})
	must(t, err)
	var definitions []types.ContainerDefinition
	for _, name := range containers {
		definitions = append(definitions, types.ContainerDefinition{Name: &name, Image: aws.String("app"), Memory: aws.Int32(128)})
	}
	family := cluster + "-" + service
	_, err = c.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{Family: &family, ContainerDefinitions: definitions,
		RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate}, NetworkMode: types.NetworkModeAwsvpc, Cpu: aws.String("256"), Memory: aws.String("512"),
		TaskRoleArn: aws.String("arn:aws:iam::" + Account + ":role/task")})
	must(t, err)
	return a.Run(t, cluster, family, "service:"+service, count, containers...)
}

// Assumed are the variables that make opsctl somebody who has assumed a role, which it makes.
func (a *AWS) Assumed(t testing.TB, path, name string) []string {
	t.Helper()
	trust := `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}`
	role, err := iam.NewFromConfig(Config(a.URL)).CreateRole(context.Background(), &iam.CreateRoleInput{Path: &path, RoleName: &name, AssumeRolePolicyDocument: &trust})
	must(t, err)
	out, err := sts.NewFromConfig(Config(a.URL)).AssumeRole(context.Background(), &sts.AssumeRoleInput{RoleArn: role.Role.Arn, RoleSessionName: aws.String("hanako")})
	must(t, err)
	c := out.Credentials
	return append(Environ(a.URL), "AWS_ACCESS_KEY_ID="+*c.AccessKeyId, "AWS_SECRET_ACCESS_KEY="+*c.SecretAccessKey, "AWS_SESSION_TOKEN="+*c.SessionToken)
}

// Run runs tasks of a task definition on Fargate and returns their ids. Moto keeps only the first of the containers.
func (a *AWS) Run(t testing.TB, cluster, family, group string, count int, containers ...string) (ids []string) {
	t.Helper()
	subnet, groups := a.network(t)
	out, err := ecs.NewFromConfig(Config(a.URL)).RunTask(context.Background(), &ecs.RunTaskInput{Cluster: &cluster, TaskDefinition: &family, Group: &group, Count: aws.Int32(int32(count)),
		LaunchType: types.LaunchTypeFargate, NetworkConfiguration: &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: []string{subnet}, SecurityGroups: groups}}})
	must(t, err)
	for _, task := range out.Tasks {
		arn := *task.TaskArn
		ids = append(ids, arn[len(arn)-36:])
		a.mu.Lock()
		a.containers[arn] = containers
		a.mu.Unlock()
	}
	return ids
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Service makes a service of one task, which moto doesn't start.
func (a *AWS) Service(t testing.TB, cluster, name, family string) {
	t.Helper()
	_, err := ecs.NewFromConfig(Config(a.URL)).CreateService(context.Background(), &ecs.CreateServiceInput{Cluster: &cluster, ServiceName: &name, TaskDefinition: &family, DesiredCount: aws.Int32(1)})
	must(t, err)
}
