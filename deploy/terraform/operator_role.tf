data "aws_iam_policy_document" "operator_trust" {
  statement {
    sid     = "Operators"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = var.operator_principals
    }

    # Bool, not BoolIfExists: long-lived keys have no such key at all, and are refused.
    dynamic "condition" {
      for_each = var.require_mfa ? [1] : []

      content {
        test     = "Bool"
        variable = "aws:MultiFactorAuthPresent"
        values   = ["true"]
      }
    }
  }
}

data "aws_iam_policy_document" "enter" {
  # IAM asks for the cluster and for the task. It has no condition for the command: opsh is the only way in for other reasons (see README.md).
  statement {
    sid       = "Enter"
    actions   = ["ecs:ExecuteCommand"]
    resources = [local.cluster_arn, local.tasks_arn]

    condition {
      test     = "StringEquals"
      variable = "ecs:container-name"
      values   = [var.container_name]
    }
  }
}

data "aws_iam_policy_document" "data_channel" {
  statement {
    sid       = "DataChannel"
    actions   = ["kms:GenerateDataKey"]
    resources = [aws_kms_key.opsh.arn]

    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:ssm:TargetId"
      values   = ["ecs:${var.cluster_name}_*"]
    }
  }
}

data "aws_iam_policy_document" "operator" {
  source_policy_documents = concat([data.aws_iam_policy_document.data_channel.json], [for enter in [data.aws_iam_policy_document.enter.json] : enter if !local.broker_wanted])

  statement {
    sid       = "FindTask"
    actions   = ["ecs:DescribeTasks", "ecs:DescribeServices"]
    resources = [local.tasks_arn, local.services_arn]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [local.cluster_arn]
    }
  }

  # Lists are bound by the condition alone: of the resource that IAM asks for, ListTasks knows only container instances, and Fargate has none.
  statement {
    sid       = "List"
    actions   = ["ecs:ListTasks", "ecs:ListServices"]
    resources = ["*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [local.cluster_arn]
    }
  }

  statement {
    sid       = "LookAtCluster"
    actions   = ["ecs:DescribeClusters"]
    resources = [local.cluster_arn]
  }

  # These two know no resources. A task definition shows its plain environment: keep secrets in its secrets.
  statement {
    sid       = "LookAround"
    actions   = ["ecs:ListClusters", "ecs:DescribeTaskDefinition"]
    resources = ["*"]
  }

  # The second door into a task: a shell as root, without a log. In every region and account, whatever else this role is given later.
  statement {
    sid       = "NoOtherDoor"
    effect    = "Deny"
    actions   = ["ssm:StartSession"]
    resources = ["arn:${local.partition}:ecs:*:*:task/*", "arn:${local.partition}:ecs:*:*:cluster/*"]
  }

  # With the broker: its URL, and nothing past it, whatever else this role is given later.
  dynamic "statement" {
    for_each = local.broker_wanted ? [1] : []

    content {
      sid       = "AskBroker"
      actions   = ["lambda:InvokeFunctionUrl"]
      resources = [local.broker_arn]

      condition {
        test     = "StringEquals"
        variable = "lambda:FunctionUrlAuthType"
        values   = ["AWS_IAM"]
      }
    }
  }

  # Since October 2025 a function URL asks for this too. Without the condition it would let an operator call the function past the URL, with an
  # event that names somebody else as the caller. https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
  dynamic "statement" {
    for_each = local.broker_wanted ? [1] : []

    content {
      sid       = "AskBrokerByItsURL"
      actions   = ["lambda:InvokeFunction"]
      resources = [local.broker_arn]

      condition {
        test     = "Bool"
        variable = "lambda:InvokedViaFunctionUrl"
        values   = ["true"]
      }
    }
  }

  dynamic "statement" {
    for_each = local.broker_wanted ? [1] : []

    content {
      sid       = "NotPastItsURL"
      effect    = "Deny"
      actions   = ["lambda:InvokeFunction", "lambda:InvokeAsync"]
      resources = [local.broker_arn, "${local.broker_arn}:*"]

      condition {
        test     = "BoolIfExists"
        variable = "lambda:InvokedViaFunctionUrl"
        values   = ["false"]
      }
    }
  }

  dynamic "statement" {
    for_each = local.broker_wanted ? [1] : []

    content {
      sid       = "NotPastTheBroker"
      effect    = "Deny"
      actions   = ["ecs:ExecuteCommand"]
      resources = [local.cluster_arn, local.tasks_arn]
    }
  }

  dynamic "statement" {
    for_each = var.allow_session_control ? [1] : []

    content {
      sid       = "SessionControl"
      actions   = ["ssm:ResumeSession", "ssm:TerminateSession"]
      resources = ["arn:${local.partition}:ssm:${local.here}:session/ecs-execute-command-*"]
    }
  }
}

resource "aws_iam_role" "operator" {
  name                 = "${var.name}-operator"
  description          = "Enters the container ${var.container_name} of cluster ${var.cluster_name}, and nothing else"
  assume_role_policy   = data.aws_iam_policy_document.operator_trust.json
  max_session_duration = var.session_hours * 3600
  tags                 = var.tags
}

resource "aws_iam_role_policy" "operator" {
  name   = "opsh"
  role   = aws_iam_role.operator.id
  policy = data.aws_iam_policy_document.operator.json
}
