data "aws_iam_policy_document" "key" {
  # Without it nobody could mend the policy. It gives no one the key: the account's own IAM policies do.
  statement {
    sid       = "Account"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
  }

  # The log groups can't be named by reference: they need the key first. CloudWatch Logs says the group's ARN in the encryption context.
  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
  statement {
    sid       = "Logs"
    actions   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${local.region}.${data.aws_partition.current.dns_suffix}"]
    }

    condition {
      test     = "ArnEquals"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = values(local.log_group_arns)
    }
  }

  # EventBridge publishes to the encrypted topic. SNS says the topic's ARN in the encryption context. The usual aws:SourceArn would lose
  # the alerts without an error: it isn't supported here. https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
  statement {
    sid       = "Alerts"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "kms:EncryptionContext:aws:sns:topicArn"
      values   = [local.topic_arn]
    }
  }
}

resource "aws_kms_key" "opsh" {
  description             = "opsh: sessions, their logs and alerts, cluster ${var.cluster_name}"
  policy                  = data.aws_iam_policy_document.key.json
  enable_key_rotation     = true
  deletion_window_in_days = var.key_deletion_days
  tags                    = var.tags

  lifecycle {
    prevent_destroy = true # what it encrypted, years of evidence, would be unreadable
  }
}

resource "aws_kms_alias" "opsh" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.opsh.key_id
}
