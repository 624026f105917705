data "aws_iam_policy_document" "task_trust" {
  statement {
    sid     = "Tasks"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:ecs:${local.here}:*"]
    }
  }
}

data "aws_iam_policy_document" "task" {
  # The agent's way out. These four know no resources.
  statement {
    sid       = "Agent"
    actions   = ["ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"]
    resources = ["*"]
  }

  # opsh's trail. GetLogEvents is opsh -T's, which reads back what it wrote.
  statement {
    sid       = "Trail"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:GetLogEvents"]
    resources = ["${local.log_group_arns.trail}:*"]
  }

  # The agent's upload of the session log.
  statement {
    sid       = "SessionLog"
    actions   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    resources = ["${local.log_group_arns.session}:*"]
  }

  # The agent asks for the whole list before it uploads; opsh -T looks for its group in it.
  statement {
    sid       = "FindGroups"
    actions   = ["logs:DescribeLogGroups"]
    resources = ["*"]
  }

  # opsh -T reads the key's policy, to find the mistake that would lose the logs.
  statement {
    sid       = "LookAtKey"
    actions   = ["kms:DescribeKey", "kms:GetKeyPolicy"]
    resources = [aws_kms_key.opsh.arn]
  }

  # The data channel of a session: agent and client say the target in the encryption context. Not bound to it, this role could decrypt
  # the session logs in the bucket and the alerts too.
  statement {
    sid       = "DataChannel"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.opsh.arn]

    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:ssm:TargetId"
      values   = ["ecs:${var.cluster_name}_*"]
    }
  }

  # opsh's secrets, where the policy has them in AWS. With a key of their own the values below need kms:Decrypt on it, in its own policy or here.
  dynamic "statement" {
    for_each = length(var.secret_arns) > 0 ? [1] : []

    content {
      sid       = "Secrets"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = var.secret_arns
    }
  }

  dynamic "statement" {
    for_each = length(var.parameter_arns) > 0 ? [1] : []

    content {
      sid       = "Parameters"
      actions   = ["ssm:GetParameter"]
      resources = var.parameter_arns
    }
  }

  dynamic "statement" {
    for_each = length(var.secret_key_arns) > 0 ? [1] : []

    content {
      sid       = "DecryptSecrets"
      actions   = ["kms:Decrypt"]
      resources = var.secret_key_arns
    }
  }

  dynamic "statement" {
    for_each = length(var.rds_user_arns) > 0 ? [1] : []

    content {
      sid       = "RDSTokens"
      actions   = ["rds-db:connect"]
      resources = var.rds_user_arns
    }
  }

  # opsh's recordings. Put alone: what is there is out of the task's reach.
  dynamic "statement" {
    for_each = var.recordings_arn == null ? [] : [1]

    content {
      sid       = "PutRecordings"
      actions   = ["s3:PutObject"]
      resources = ["${var.recordings_arn}/*"]
    }
  }

  # Put, not get and not delete: a log that is in the bucket is out of the task's reach.
  dynamic "statement" {
    for_each = local.bucket_wanted ? [1] : []

    content {
      sid       = "PutSessionLog"
      actions   = ["s3:PutObject"]
      resources = ["${local.bucket_arn}/${local.session_prefix}/*"]
    }
  }

  dynamic "statement" {
    for_each = local.bucket_wanted ? [1] : []

    content {
      sid       = "LookAtBucket"
      actions   = ["s3:GetBucketLocation", "s3:GetEncryptionConfiguration"]
      resources = [local.bucket_arn]
    }
  }

  # Decrypt is for uploads in several parts. With a bucket key the encryption context is the bucket's ARN, else the object's.
  dynamic "statement" {
    for_each = local.bucket_wanted ? [1] : []

    content {
      sid       = "EncryptSessionLog"
      actions   = ["kms:GenerateDataKey", "kms:Decrypt"]
      resources = [aws_kms_key.opsh.arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${local.region}.${data.aws_partition.current.dns_suffix}"]
      }

      condition {
        test     = "ArnLike"
        variable = "kms:EncryptionContext:aws:s3:arn"
        values   = [local.bucket_arn, "${local.bucket_arn}/${local.session_prefix}/*"]
      }
    }
  }
}

resource "aws_iam_role" "task" {
  name                 = "${var.name}-task"
  description          = "The ops container's own: the agent, opsh's trail and the session log"
  assume_role_policy   = data.aws_iam_policy_document.task_trust.json
  max_session_duration = 3600
  tags                 = var.tags
}

resource "aws_iam_role_policy" "task" {
  name   = "opsh"
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.task.json
}
