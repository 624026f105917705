package doctor

// Facts is all that is known of a container, of what stands around it, and of who wants to go in.
type Facts struct {
	Region, Partition, Account string
	ClusterName, ContainerName string

	// NoTask says that there is no running task, and then Task isn't known.
	NoTask string

	Cluster    Fact[Cluster]
	Task       Fact[Task]
	Instance   Fact[Instance] // of a task on EC2
	Service    Fact[Service]  // with no name: the task belongs to none
	Definition Fact[Definition]
	SessionKey Fact[Key]   // of the data channel
	LogGroup   Fact[Group] // of the session log
	LogKey     Fact[Key]
	Bucket     Fact[Bucket]
	LogMode    Fact[string] // the account's default of a log driver's mode
	Role       Fact[Role]
	Network    Fact[Network]
	Caller     Fact[Caller]

	// Answers are those of IAM's simulator to Questions, by key.
	Answers map[string]Fact[Decision]
}

// Cluster is an ECS cluster.
type Cluster struct {
	Status  string
	Logging string // of its ECS Exec configuration: NONE, DEFAULT, OVERRIDE; "" where it has none, which means DEFAULT
	KeyID   string // of the data channel; "": none of the account's

	Group          string // of CloudWatch Logs; "": none
	GroupEncrypted bool   // sessions are refused unless the group has a key
	Bucket, Prefix string // of S3; "": none
	BucketEncrypts bool   // sessions are refused unless the bucket encrypts
}

// Task is a running task, and in it the container that is meant.
type Task struct {
	ID                       string
	Status, Desired, Stopped string // Stopped: why it was
	LaunchType               string // FARGATE, EC2, EXTERNAL
	Family, Platform         string // "Linux", "1.4.0"; of Fargate
	Exec                     bool
	Containers               int
	ContainerStatus          string
	ContainerReason          string
	RuntimeID                string
	Agent                    *Agent // nil: the container has none
}

// Target is what the Session Manager calls the container.
func (f Facts) Target() string {
	return "ecs:" + f.ClusterName + "_" + f.Task.Value.ID + "_" + f.Task.Value.RuntimeID
}

// Agent is the container's ECS Exec agent.
type Agent struct{ Status, Reason string }

// Instance is the machine of a task on EC2.
type Instance struct{ AgentVersion string }

// Service is the task's.
type Service struct {
	Name string
	Exec bool // tasks that it starts from now on have ECS Exec
}

// Definition is a task definition, and in it the container that is meant.
type Definition struct {
	ARN, Family         string
	Revision            int
	PidMode             string // "", task, host
	Container           bool   // it has the container
	User                string
	EntryPoint, Command []string
	Environment         map[string]string
	Secrets             []string // names of variables
	EnvironmentFiles    int
	Init                bool
	ReadOnly            bool
	Writable            []string // where volumes are mounted to be written
	Privileged          bool
	Dropped             []string // capabilities
	LogDriver           string   // "": none
	LogOptions          map[string]string
}

// Key is a KMS key.
type Key struct {
	ARN, State string // Enabled, Disabled, PendingDeletion, ...
	Policy     Fact[string]
}

// Group is a log group; the session log's.
type Group struct {
	Exists bool
	KeyID  string
}

// Bucket is one of S3; the session log's.
type Bucket struct {
	Exists    bool
	Encrypted bool
}

// Role is whose rights the container has.
type Role struct {
	ARN      string // empty: it has none
	Instance bool   // it is the EC2 instance's, since the task has none
}

// Network is what the task reaches AWS by.
type Network struct {
	Subnet    string // of its own interface, or the instance's; "": not one of EC2's
	PublicIP  string
	Default   string // where 0.0.0.0/0 leads: "igw-…", "nat-…"; "": nowhere
	Endpoints []Endpoint
}

// Endpoint is a VPC endpoint of the task's VPC.
type Endpoint struct {
	Service    string // "com.amazonaws.eu-west-1.ssmmessages"
	Interface  bool   // else it is one of routes
	Available  bool
	PrivateDNS bool
}

// Caller is who is asked about.
type Caller struct {
	ARN       string // as AWS knows who asks; with --as, the one named there
	Principal string // the user or role whose policies count
	Root      bool   // the account's root user, who may do everything
}

// Decision is IAM's.
type Decision struct {
	Allowed  bool
	Explicit bool     // denied by a statement
	Missing  []string // condition keys that it would have to know
}
