locals {
  # The agent splits the command like a shell and starts its first word itself. So opsh is "opsh" alone, or "opsh" and a blank; all else is
  # told, also what would fail ("opsh; sh") or is opsh after all (" opsh"): rather one alert too many. One matcher holds both forms,
  # because matchers of a list are alternatives, and "not this, or not that" is always true.
  opsh_commands = flatten([for path in var.opsh_paths : [path, "${path} *"]])

  # A call that AWS refused may come without its parameters. It is told too, unless only one cluster is watched: it doesn't say which.
  exec_commands = [
    { command = [{ "anything-but" = { wildcard = local.opsh_commands } }] },
    { command = [{ exists = false }] },
  ]
  one_cluster = { for key in ["cluster"] : key => local.our_cluster if !var.watch_every_cluster }

  # A call that names no cluster means the one named default.
  our_cluster = concat([var.cluster_name, local.cluster_arn], [for absent in [{ exists = false }] : absent if var.cluster_name == "default"])

  # Where operators may resume sessions, a resumed one is nothing to tell; without a broker nobody goes past it.
  patterns = { for use, pattern in local.every_pattern : use => pattern if(use != "resume" || !var.allow_session_control) && (use != "past" || local.broker_wanted) }

  every_pattern = {
    command = {
      source        = ["aws.ecs"]
      "detail-type" = ["AWS API Call via CloudTrail"]
      detail = {
        eventSource = ["ecs.amazonaws.com"]
        eventName   = ["ExecuteCommand"]
        "$or"       = [for c in local.exec_commands : { requestParameters = merge(c, local.one_cluster) }]
      }
    }

    # Whoever calls ECS in our cluster themselves, an administrator too, whatever the command.
    past = {
      source        = ["aws.ecs"]
      "detail-type" = ["AWS API Call via CloudTrail"]
      detail = {
        eventSource       = ["ecs.amazonaws.com"]
        eventName         = ["ExecuteCommand"]
        requestParameters = { cluster = local.our_cluster }
        userIdentity      = { sessionContext = { sessionIssuer = { arn = [{ "anything-but" = { wildcard = [local.session_role_arn] } }, { exists = false }] } } }
      }
    }

    door = {
      source        = ["aws.ssm"]
      "detail-type" = ["AWS API Call via CloudTrail"]
      detail = {
        eventSource       = ["ssm.amazonaws.com"]
        eventName         = ["StartSession"]
        requestParameters = { target = [{ prefix = var.watch_every_cluster ? "ecs:" : "ecs:${var.cluster_name}_" }] }
      }
    }

    # Who resumes an operator's session types at its prompt under the operator's name. The session's id doesn't say its cluster. A refused
    # call is what an operator's lost connection makes, and isn't told.
    resume = {
      source        = ["aws.ssm"]
      "detail-type" = ["AWS API Call via CloudTrail"]
      detail = {
        eventSource       = ["ssm.amazonaws.com"]
        eventName         = ["ResumeSession"]
        errorCode         = [{ exists = false }]
        requestParameters = { sessionId = [{ prefix = "ecs-execute-command-" }] }
      }
    }
  }

  rule_about = {
    command = "ECS Exec started something other than opsh"
    past    = "somebody started something in a task past the broker"
    door    = "a session was started in a task past ECS Exec: a root shell without a log"
    resume  = "somebody resumed a session of ECS Exec, which may be another's"
  }
}

resource "aws_cloudwatch_event_rule" "opsh" {
  for_each = local.patterns

  name          = "${var.name}-${each.key}"
  description   = local.rule_about[each.key]
  event_pattern = jsonencode(each.value)
  tags          = var.tags
}

resource "aws_cloudwatch_event_target" "opsh" {
  for_each = local.patterns

  rule = aws_cloudwatch_event_rule.opsh[each.key].name
  arn  = aws_sns_topic.alerts.arn
}

resource "aws_sns_topic" "alerts" {
  name              = local.topic_name
  kms_master_key_id = aws_kms_key.opsh.arn
  tags              = var.tags
}

data "aws_iam_policy_document" "topic" {
  statement {
    sid       = "Rules"
    actions   = ["sns:Publish"]
    resources = [local.topic_arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [for use in keys(local.patterns) : "arn:${local.partition}:events:${local.here}:rule/${var.name}-${use}"]
    }
  }
}

resource "aws_sns_topic_policy" "alerts" {
  arn    = aws_sns_topic.alerts.arn
  policy = data.aws_iam_policy_document.topic.json
}

resource "aws_sns_topic_subscription" "email" {
  for_each = toset(var.alert_emails)

  topic_arn = aws_sns_topic.alerts.arn
  protocol  = "email"
  endpoint  = each.value
}
