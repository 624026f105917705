output "task_role_arn" {
  description = "For the task definition's task_role_arn."
  value       = aws_iam_role.task.arn
}

output "operator_role_arn" {
  description = "The role that operators assume."
  value       = aws_iam_role.operator.arn
}

output "ci_role_arn" {
  description = "The role that the workflow assumes; null without github."
  value       = local.ci_wanted ? aws_iam_role.ci[0].arn : null
}

output "broker_url" {
  description = "For opsctl's --broker, or the key broker of opsctl.toml; null without a broker."
  value       = local.broker_wanted ? aws_lambda_function_url.broker[0].function_url : null
}

output "key_arn" {
  description = "The key of sessions, logs and alerts."
  value       = aws_kms_key.opsh.arn
}

output "log_groups" {
  description = "The names of the log groups: trail (for the policy's cloudwatch.log_group), session, container (for the task definition), and with a broker broker."
  value       = { for use, group in aws_cloudwatch_log_group.opsh : use => group.name }
}

output "session_bucket" {
  description = "The bucket of the session logs; null without one."
  value       = local.bucket_wanted ? aws_s3_bucket.session[0].id : null
}

output "execute_command_configuration" {
  description = "What a cluster that isn't kept by this module needs."
  value       = local.execute_command_configuration
}

output "alerts_topic_arn" {
  description = "Where sessions that bypass opsh are told."
  value       = aws_sns_topic.alerts.arn
}
