terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.30, < 7.0"
    }
  }
}

data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

# Every ARN that a policy names is built here from names, and not read from the resource: the key's policy names the log groups, the log
# groups name the key, and reading either from the other would be a circle.
locals {
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region
  account   = data.aws_caller_identity.current.account_id
  here      = "${local.region}:${local.account}"

  cluster_arn   = "arn:${local.partition}:ecs:${local.here}:cluster/${var.cluster_name}"
  tasks_arn     = "arn:${local.partition}:ecs:${local.here}:task/${var.cluster_name}/*"
  services_arn  = "arn:${local.partition}:ecs:${local.here}:service/${var.cluster_name}/*"
  topic_name    = "${var.name}-alerts"
  topic_arn     = "arn:${local.partition}:sns:${local.here}:${local.topic_name}"
  bucket_wanted = var.session_bucket_name != null
  bucket_arn    = "arn:${local.partition}:s3:::${var.session_bucket_name == null ? "none" : var.session_bucket_name}"
}
