# What opsctl doctor reads beside what opsctl needs anyway. It changes nothing and reads no log.
data "aws_iam_policy_document" "doctor" {
  # Whose rights are simulated is the resource. GetRole tells the path of the caller's own role.
  statement {
    sid       = "Simulate"
    actions   = ["iam:SimulatePrincipalPolicy", "iam:GetRole"]
    resources = [aws_iam_role.operator.arn, aws_iam_role.task.arn]
  }

  statement {
    sid       = "LookAtKey"
    actions   = ["kms:DescribeKey", "kms:GetKeyPolicy"]
    resources = [aws_kms_key.opsh.arn]
  }

  dynamic "statement" {
    for_each = local.bucket_wanted ? [1] : []

    content {
      sid       = "LookAtBucket"
      actions   = ["s3:GetEncryptionConfiguration"]
      resources = [local.bucket_arn]
    }
  }

  # These know no resources, or no use of them for a list.
  statement {
    sid       = "LookAround"
    actions   = ["logs:DescribeLogGroups", "ecs:ListAccountSettings", "ec2:DescribeSubnets", "ec2:DescribeRouteTables", "ec2:DescribeNetworkInterfaces", "ec2:DescribeVpcEndpoints"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "operator_doctor" {
  count = var.allow_doctor ? 1 : 0

  name   = "opsh-doctor"
  role   = aws_iam_role.operator.id
  policy = data.aws_iam_policy_document.doctor.json
}
