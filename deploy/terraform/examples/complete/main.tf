# The whole setting: the module, and an ops container as a service of one task that waits. Replace image, subnets and names.
terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.30, < 7.0"
    }
  }
}

variable "image" {
  description = "The ops image with its digest: what was reviewed is what runs."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image ends in @sha256: and its digest."
  }
}

variable "subnets" {
  description = "Private subnets with a way to ECR, CloudWatch Logs, KMS and ssmmessages: endpoints, or a NAT gateway."
  type        = list(string)
}

variable "security_groups" {
  description = "The ops container's security groups: nothing in; out to the database and to AWS."
  type        = list(string)
}

variable "operator_principals" {
  description = "ARNs of those who may assume the operator role."
  type        = list(string)
}

data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

module "opsh" {
  source = "../.."

  cluster_name        = "prod-main"
  container_name      = "ops"
  operator_principals = var.operator_principals
  session_bucket_name = "prod-exec-logs-${data.aws_caller_identity.current.account_id}"
  alert_emails        = ["security@example.com"]

  github = {
    repository   = "example/ops"
    environment  = "production-ops"
    provider_arn = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:oidc-provider/token.actions.githubusercontent.com"
  }
}

# The execution role is ECS's own, for the image and the container's log. The ops container never has it.
data "aws_iam_policy_document" "execution_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "execution" {
  name               = "ops-execution"
  assume_role_policy = data.aws_iam_policy_document.execution_trust.json
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

locals {
  # A read-only root has to leave these to opsh (its state), the agent (its state and logs, and where ECS puts its programs) and the tools.
  writable = {
    opsh-state  = "/var/lib/opsh"
    agent-state = "/var/lib/amazon"
    agent-logs  = "/var/log/amazon"
    agent       = "/managed-agents"
    tmp         = "/tmp"
  }
}

resource "aws_ecs_task_definition" "ops" {
  family                   = "ops"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 512
  memory                   = 1024
  task_role_arn            = module.opsh.task_role_arn
  execution_role_arn       = aws_iam_role.execution.arn

  dynamic "volume" {
    for_each = local.writable

    content {
      name = volume.key
    }
  }

  container_definitions = jsonencode([{
    name                   = "ops"
    image                  = var.image
    essential              = true
    readonlyRootFilesystem = true

    # The image's entry point, opshd, is the container's first process: it guards, and collects what a session leaves behind. With
    # initProcessEnabled it would be the second, which root in the container could end.
    linuxParameters = { initProcessEnabled = false }

    healthCheck = {
      command     = ["CMD", "/usr/local/bin/opshd", "health"]
      interval    = 30
      timeout     = 5
      retries     = 3
      startPeriod = 10
    }

    mountPoints = [for name, path in local.writable : { sourceVolume = name, containerPath = path, readOnly = false }]

    # ECS's own default, non-blocking, drops lines when its buffer is full.
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = module.opsh.log_groups["container"]
        awslogs-region        = data.aws_region.current.region
        awslogs-stream-prefix = "ops"
        mode                  = "blocking"
      }
    }
  }])
}

resource "aws_ecs_service" "ops" {
  name                   = "ops"
  cluster                = "prod-main"
  task_definition        = aws_ecs_task_definition.ops.arn
  desired_count          = 1
  launch_type            = "FARGATE"
  platform_version       = "1.4.0"
  enable_execute_command = true

  network_configuration {
    subnets          = var.subnets
    security_groups  = var.security_groups
    assign_public_ip = false
  }

  depends_on = [module.opsh]
}

output "operator_role_arn" {
  description = "For role_arn in the operators' AWS configuration."
  value       = module.opsh.operator_role_arn
}
