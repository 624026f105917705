# The same rights for a workflow, through a role of its own: no person can assume it, and no workflow the operators'.
locals {
  ci_wanted = var.github != null

  # A workflow's subject names its environment, so a job outside of the protected one isn't let in.
  ci_subject = local.ci_wanted ? "repo:${var.github.repository}:environment:${var.github.environment}" : "none"
}

data "aws_iam_policy_document" "ci_trust" {
  statement {
    sid     = "Workflow"
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [local.ci_wanted ? var.github.provider_arn : "none"]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = [local.ci_subject]
    }
  }
}

# What opsctl verify needs beside: the trail of what it ran, to prove it whole.
data "aws_iam_policy_document" "ci" {
  source_policy_documents = [data.aws_iam_policy_document.operator.json]

  statement {
    sid       = "ReadTrail"
    actions   = ["logs:GetLogEvents"]
    resources = ["${local.log_group_arns.trail}:*"]
  }
}

resource "aws_iam_role" "ci" {
  count = local.ci_wanted ? 1 : 0

  name                 = "${var.name}-ci"
  description          = "Runs approved runbooks in the container ${var.container_name} of cluster ${var.cluster_name}"
  assume_role_policy   = data.aws_iam_policy_document.ci_trust.json
  max_session_duration = var.session_hours * 3600
  tags                 = var.tags
}

resource "aws_iam_role_policy" "ci" {
  count = local.ci_wanted ? 1 : 0

  name   = "opsh"
  role   = aws_iam_role.ci[0].id
  policy = data.aws_iam_policy_document.ci.json
}
