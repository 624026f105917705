locals {
  execute_command_configuration = {
    kms_key_id = aws_kms_key.opsh.arn
    logging    = "OVERRIDE"

    log_configuration = {
      cloud_watch_encryption_enabled = true
      cloud_watch_log_group_name     = aws_cloudwatch_log_group.opsh["session"].name
      s3_bucket_name                 = local.bucket_wanted ? aws_s3_bucket.session[0].id : null
      s3_bucket_encryption_enabled   = local.bucket_wanted
      s3_key_prefix                  = local.bucket_wanted ? local.session_prefix : null
    }
  }

  session_prefix = "session"
}

resource "aws_ecs_cluster" "opsh" {
  count = var.manage_cluster ? 1 : 0

  name = var.cluster_name
  tags = var.tags

  configuration {
    execute_command_configuration {
      kms_key_id = local.execute_command_configuration.kms_key_id
      logging    = local.execute_command_configuration.logging

      log_configuration {
        cloud_watch_encryption_enabled = local.execute_command_configuration.log_configuration.cloud_watch_encryption_enabled
        cloud_watch_log_group_name     = local.execute_command_configuration.log_configuration.cloud_watch_log_group_name
        s3_bucket_name                 = local.execute_command_configuration.log_configuration.s3_bucket_name
        s3_bucket_encryption_enabled   = local.execute_command_configuration.log_configuration.s3_bucket_encryption_enabled
        s3_key_prefix                  = local.execute_command_configuration.log_configuration.s3_key_prefix
      }
    }
  }
}
