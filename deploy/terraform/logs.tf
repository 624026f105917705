locals {
  log_prefix = var.log_group_prefix == null ? "/ecs/${var.cluster_name}" : var.log_group_prefix

  # trail: opsh's records. session: the terminal's output, which the agent uploads when a session has ended. container: what the task prints;
  # broker: who asked the broker for what.
  # Apart from each other, so that the rights to one give nothing on the others.
  log_groups = merge({
    trail     = "${local.log_prefix}/opsh"
    session   = "${local.log_prefix}/session"
    container = "${local.log_prefix}/container"
  }, { for use in ["broker"] : use => local.broker_log if local.broker_wanted })

  log_group_arns = { for use, name in local.log_groups : use => "arn:${local.partition}:logs:${local.here}:log-group:${name}" }
}

resource "aws_cloudwatch_log_group" "opsh" {
  for_each = local.log_groups

  name                        = each.value
  retention_in_days           = var.retention_days
  kms_key_id                  = aws_kms_key.opsh.arn
  deletion_protection_enabled = var.deletion_protection
  tags                        = var.tags
}
