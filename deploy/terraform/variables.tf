variable "name" {
  description = "What the names of the roles, the key's alias, the topic and the rules begin with."
  type        = string
  default     = "opsh"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,31}$", var.name))
    error_message = "name is 1 to 32 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "cluster_name" {
  description = "The ECS cluster in which the ops container runs."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9_-]{0,254}$", var.cluster_name))
    error_message = "cluster_name is a name, not an ARN: letters, digits, hyphens and underscores, a letter first."
  }
}

variable "manage_cluster" {
  description = "Whether this module keeps the cluster itself. Where another one does, give that one the output execute_command_configuration."
  type        = bool
  default     = true
}

variable "container_name" {
  description = "The ops container's name in its task definition: the only one that operators may enter."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,255}$", var.container_name))
    error_message = "container_name is letters, digits, hyphens and underscores; a wildcard would open other containers."
  }
}

variable "log_group_prefix" {
  description = "What the names of the log groups begin with: PREFIX/opsh, PREFIX/session and PREFIX/container. null: /ecs/CLUSTER."
  type        = string
  default     = null

  validation {
    condition     = var.log_group_prefix == null ? true : can(regex("^/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$", var.log_group_prefix))
    error_message = "log_group_prefix is letters, digits and _ . - between slashes, without one at its end; a wildcard would open other groups."
  }
}

variable "retention_days" {
  description = "How many days CloudWatch Logs keeps the groups."
  type        = number
  default     = 365

  validation {
    condition     = contains([90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.retention_days)
    error_message = "retention_days is one of the numbers that CloudWatch Logs knows, from 90 on: 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  }
}

variable "deletion_protection" {
  description = "Whether the log groups refuse to be deleted. To destroy the module, set it to false and apply first."
  type        = bool
  default     = true
}

variable "key_deletion_days" {
  description = "How many days a key scheduled for deletion can still be rescued. What it encrypted is lost afterwards."
  type        = number
  default     = 30

  validation {
    condition     = var.key_deletion_days >= 7 && var.key_deletion_days <= 30
    error_message = "key_deletion_days is 7 to 30."
  }
}

variable "operator_principals" {
  description = "ARNs of the users and roles that may assume the operator role."
  type        = list(string)

  validation {
    condition     = length(var.operator_principals) > 0 && alltrue([for p in var.operator_principals : can(regex("^arn:[a-z-]+:(iam|sts)::[0-9]{12}:[A-Za-z0-9_+=,.@/-]+$", p))])
    error_message = "operator_principals is a list of ARNs of IAM, at least one, without wildcards."
  }
}

variable "require_mfa" {
  description = "Whether the operator role is given only to those who signed in with MFA. IAM Identity Center asks for MFA itself and doesn't pass it on: set it to false there."
  type        = bool
  default     = true
}

variable "session_hours" {
  description = "How many hours the operator role's credentials hold at most."
  type        = number
  default     = 4

  validation {
    condition     = var.session_hours >= 1 && var.session_hours <= 12
    error_message = "session_hours is 1 to 12."
  }
}

variable "allow_session_control" {
  description = "Whether operators may resume a lost connection and end a session through Systems Manager. IAM can't tell whose session it is: each operator could then take over another's."
  type        = bool
  default     = false
}

variable "allow_doctor" {
  description = "Whether operators may read what opsctl doctor looks at: their own and the task role's rights in IAM's simulator, the key's policy, the log groups, the bucket's encryption, the network. Without it those checks are not made."
  type        = bool
  default     = false
}

variable "github" {
  description = "The repository, as the tokens of its workflows name it (OWNER/NAME, or OWNER@ID/NAME@ID), and protected environment whose workflow may assume the CI role, and the ARN of the account's OIDC provider for GitHub. null: no CI role."
  type = object({
    repository   = string
    environment  = string
    provider_arn = string
  })
  default = null

  validation {
    condition = var.github == null ? true : (
      can(regex("^([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+|[A-Za-z0-9_.-]+@[0-9]+/[A-Za-z0-9_.-]+@[0-9]+)$", var.github.repository)) &&
      can(regex("^[A-Za-z0-9_.-]+$", var.github.environment)) &&
      can(regex("^arn:[a-z-]+:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.github.provider_arn))
    )
    error_message = "github is a repository OWNER/NAME or OWNER@ID/NAME@ID, an environment of letters, digits and _ . - (no wildcards), and the ARN of the provider token.actions.githubusercontent.com."
  }
}

variable "broker" {
  description = "The broker: the path of its package, the service whose tasks operators may enter, and further rules of its configuration as TOML. With it operators can't call ecs:ExecuteCommand themselves. null: no broker."
  type = object({
    package = string
    service = string
    rules   = optional(string, "")
  })
  default = null

  validation {
    condition = var.broker == null ? true : (
      can(regex("^[^\\n]+\\.zip$", var.broker.package)) && can(regex("^[A-Za-z0-9_-]{1,255}$", var.broker.service))
    )
    error_message = "broker is a package FILE.zip and a service's name: letters, digits, hyphens and underscores."
  }
}

variable "session_bucket_name" {
  description = "A bucket to make, into which ECS Exec puts session logs too, under object lock. null: CloudWatch Logs only."
  type        = string
  default     = null

  validation {
    condition     = var.session_bucket_name == null ? true : can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.session_bucket_name))
    error_message = "session_bucket_name is a bucket's name: 3 to 63 lower-case letters, digits, dots and hyphens."
  }
}

variable "object_lock_mode" {
  description = "GOVERNANCE: who has s3:BypassGovernanceRetention can delete a log before its time. COMPLIANCE: nobody can, the root user included."
  type        = string
  default     = "GOVERNANCE"

  validation {
    condition     = contains(["GOVERNANCE", "COMPLIANCE"], var.object_lock_mode)
    error_message = "object_lock_mode is GOVERNANCE or COMPLIANCE."
  }
}

variable "object_lock_days" {
  description = "How many days a session log in the bucket can't be deleted or changed."
  type        = number
  default     = 365

  validation {
    condition     = var.object_lock_days >= 1 && var.object_lock_days <= 36500
    error_message = "object_lock_days is 1 to 36500."
  }
}

variable "opsh_paths" {
  description = "How --command may name opsh without an alert: the words themselves, or followed by a blank and options."
  type        = list(string)
  default     = ["opsh", "/usr/local/bin/opsh"]

  validation {
    condition     = length(var.opsh_paths) > 0 && alltrue([for p in var.opsh_paths : can(regex("^[A-Za-z0-9/_.-]+$", p))])
    error_message = "opsh_paths is a list of paths without blanks, quotes, wildcards and backslashes, at least one."
  }
}

variable "watch_every_cluster" {
  description = "Whether the alerts are about every cluster of the account in this region, or about this one only."
  type        = bool
  default     = true
}

variable "alert_emails" {
  description = "Who is told of a session that bypasses opsh. Each has to confirm the subscription. Subscribe what else you have to the output alerts_topic_arn."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for a in var.alert_emails : can(regex("^[^@[:space:]]+@[^@[:space:]]+$", a))])
    error_message = "alert_emails is a list of e-mail addresses."
  }
}

variable "secret_arns" {
  description = "ARNs of the secrets in Secrets Manager that opsh's policy names (from = secretsmanager:)."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.secret_arns : can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@!-]+[?]*$", arn))])
    error_message = "secret_arns are ARNs of secrets; a * would open other secrets."
  }
}

variable "parameter_arns" {
  description = "ARNs of the parameters that opsh's policy names (from = ssm:)."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.parameter_arns : can(regex("^arn:[a-z-]+:ssm:[a-z0-9-]+:[0-9]{12}:parameter/[A-Za-z0-9/_.-]+$", arn))])
    error_message = "parameter_arns are ARNs of parameters; a * would open other parameters."
  }
}

variable "secret_key_arns" {
  description = "ARNs of the KMS keys that these secrets and parameters are encrypted with, where they aren't AWS's own."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.secret_key_arns : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", arn))])
    error_message = "secret_key_arns are ARNs of keys, not of aliases."
  }
}

variable "rds_user_arns" {
  description = "ARNs of the database users that opsh makes tokens for (from = rds-iam:): arn:PARTITION:rds-db:REGION:ACCOUNT:dbuser:RESOURCE/USER."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.rds_user_arns : can(regex("^arn:[a-z-]+:rds-db:[a-z0-9-]+:[0-9]{12}:dbuser:[A-Za-z0-9-]+/[A-Za-z0-9_.-]+$", arn))])
    error_message = "rds_user_arns are ARNs of database users; a * would open other users."
  }
}

variable "recordings_arn" {
  description = "Where opsh's policy has recordings shipped (audit.recordings), as the bucket's ARN and the prefix without a slash at its end: arn:PARTITION:s3:::BUCKET/PREFIX. The bucket, with object lock, is yours. null: nowhere."
  type        = string
  default     = null

  validation {
    condition     = var.recordings_arn == null ? true : can(regex("^arn:[a-z-]+:s3:::[a-z0-9.-]{3,63}(/[A-Za-z0-9!_.'()-]+)*$", var.recordings_arn))
    error_message = "recordings_arn is the ARN of a bucket, and a prefix if there is one; a * would open other places."
  }
}

variable "tags" {
  description = "Tags on all that has tags."
  type        = map(string)
  default     = {}
}
