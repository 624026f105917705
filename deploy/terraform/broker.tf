# On request the broker: a function that alone may start something in the container, and starts opsh. Operators ask it, by its URL and under
# their own names, and can't ask ECS any more.
locals {
  broker_wanted    = var.broker != null
  broker_name      = "${var.name}-broker"
  broker_arn       = "arn:${local.partition}:lambda:${local.here}:function:${local.broker_name}"
  broker_log       = "${local.log_prefix}/broker"
  session_role     = "${var.name}-session"
  session_role_arn = "arn:${local.partition}:iam::${local.account}:role/${local.session_role}"

  # Lambda's environment has room for 4 KB.
  broker_configuration = <<-EOT
    version = 1
    session_role = ${jsonencode(local.session_role_arn)}

    [[allow]]
    roles = ${jsonencode(concat(["${var.name}-operator"], [for ci in ["${var.name}-ci"] : ci if local.ci_wanted]))}
    cluster = ${jsonencode(var.cluster_name)}
    service = ${jsonencode(local.broker_wanted ? var.broker.service : "none")}
    container = ${jsonencode(var.container_name)}

    ${local.broker_wanted ? var.broker.rules : ""}
  EOT
}

data "aws_iam_policy_document" "broker_trust" {
  statement {
    sid     = "Lambda"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "broker" {
  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:${local.partition}:logs:${local.here}:log-group:${local.broker_log}:*"]
  }

  statement {
    sid       = "LookAtTask"
    actions   = ["ecs:DescribeTasks"]
    resources = [local.tasks_arn]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [local.cluster_arn]
    }
  }

  # For rules that name groups or tags.
  statement {
    sid       = "WhoAsks"
    actions   = ["iam:GetRole", "iam:GetUser", "iam:ListGroupsForUser"]
    resources = ["arn:${local.partition}:iam::${local.account}:role/*", "arn:${local.partition}:iam::${local.account}:user/*"]
  }

  statement {
    sid       = "AsTheCaller"
    actions   = ["sts:AssumeRole", "sts:SetSourceIdentity"]
    resources = [local.session_role_arn]
  }
}

# Only the broker gets a session of it, and only under somebody's name.
data "aws_iam_policy_document" "session_trust" {
  statement {
    sid     = "Broker"
    actions = ["sts:AssumeRole", "sts:SetSourceIdentity"]

    principals {
      type        = "AWS"
      identifiers = [local.broker_wanted ? aws_iam_role.broker[0].arn : "none"]
    }

    condition {
      test     = "StringLike"
      variable = "sts:SourceIdentity"
      values   = ["?*"]
    }
  }
}

# Whether ECS asks for the data key in the name of who calls ExecuteCommand is not known; the client asks in the operator's.
data "aws_iam_policy_document" "session" {
  source_policy_documents = [data.aws_iam_policy_document.enter.json, data.aws_iam_policy_document.data_channel.json]
}

resource "aws_iam_role" "broker" {
  count = local.broker_wanted ? 1 : 0

  name               = local.broker_name
  description        = "The broker's own: looks at who asks for what, and starts nothing itself"
  assume_role_policy = data.aws_iam_policy_document.broker_trust.json
  tags               = var.tags
}

resource "aws_iam_role_policy" "broker" {
  count = local.broker_wanted ? 1 : 0

  name   = "opsh"
  role   = aws_iam_role.broker[0].id
  policy = data.aws_iam_policy_document.broker.json
}

resource "aws_iam_role" "session" {
  count = local.broker_wanted ? 1 : 0

  name                 = local.session_role
  description          = "Starts opsh in the container ${var.container_name} of cluster ${var.cluster_name}, for whom its source identity names"
  assume_role_policy   = data.aws_iam_policy_document.session_trust.json
  max_session_duration = 3600
  tags                 = var.tags
}

resource "aws_iam_role_policy" "session" {
  count = local.broker_wanted ? 1 : 0

  name   = "opsh"
  role   = aws_iam_role.session[0].id
  policy = data.aws_iam_policy_document.session.json
}

resource "aws_lambda_function" "broker" {
  count = local.broker_wanted ? 1 : 0

  function_name    = local.broker_name
  description      = "Starts opsh in the container ${var.container_name} of cluster ${var.cluster_name}, and nothing else"
  role             = aws_iam_role.broker[0].arn
  runtime          = "provided.al2023"
  architectures    = ["arm64"]
  handler          = "bootstrap"
  filename         = var.broker.package
  source_code_hash = filebase64sha256(var.broker.package)
  memory_size      = 256
  timeout          = 20
  tags             = var.tags

  # One at a time: what it remembers of requests, so that none counts twice, and its rate limits are in its memory.
  reserved_concurrent_executions = 1

  environment {
    variables = {
      OPSH_BROKER = local.broker_configuration
    }
  }

  # Its lines are JSON already.
  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.opsh["broker"].name
  }

  depends_on = [aws_iam_role_policy.broker, aws_iam_role_policy.session]
}

resource "aws_lambda_function_url" "broker" {
  count = local.broker_wanted ? 1 : 0

  function_name      = aws_lambda_function.broker[0].function_name
  authorization_type = "AWS_IAM"
}
