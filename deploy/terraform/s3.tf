resource "aws_s3_bucket" "session" {
  count = local.bucket_wanted ? 1 : 0

  bucket              = var.session_bucket_name
  object_lock_enabled = true
  tags                = var.tags
}

resource "aws_s3_bucket_versioning" "session" {
  count = local.bucket_wanted ? 1 : 0

  bucket = aws_s3_bucket.session[0].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_object_lock_configuration" "session" {
  count = local.bucket_wanted ? 1 : 0

  bucket = aws_s3_bucket_versioning.session[0].bucket

  rule {
    default_retention {
      mode = var.object_lock_mode
      days = var.object_lock_days
    }
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "session" {
  count = local.bucket_wanted ? 1 : 0

  bucket = aws_s3_bucket.session[0].id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.opsh.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "session" {
  count = local.bucket_wanted ? 1 : 0

  bucket                  = aws_s3_bucket.session[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "session" {
  count = local.bucket_wanted ? 1 : 0

  bucket = aws_s3_bucket.session[0].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

data "aws_iam_policy_document" "bucket" {
  statement {
    sid       = "OnlyEncryptedConnections"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [local.bucket_arn, "${local.bucket_arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "session" {
  count = local.bucket_wanted ? 1 : 0

  bucket = aws_s3_bucket.session[0].id
  policy = data.aws_iam_policy_document.bucket.json

  depends_on = [aws_s3_bucket_public_access_block.session]
}
