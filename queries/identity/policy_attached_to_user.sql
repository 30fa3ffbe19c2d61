-- /// view
-- name = "policy_attached_to_user"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1098.003"]
-- cis = ["1.16"]
-- source = "sls-audit"
-- parity = ["sls:ram_policy_attach"]
-- title.en = "Policies attached directly to RAM users"
-- title.ja = "RAM ユーザーへのポリシーの直接アタッチ"
-- title.zh = "直接为 RAM 用户授予权限策略"
-- why = """
-- Rights of single users are easily overlooked when duties change. Give them to a group, and detach the policy from the
-- user. The view admin_policy_attached tells which of them are those of an administrator."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    target_name,
    policy_name,
    policy_type,
    json_param(request_parameters, 'ResourceGroupId') AS resource_group_id,
    error_code,
    event_id
FROM permission_changes
WHERE event_name IN ('AttachPolicyToUser', 'AttachPolicy')
  AND target_type = 'user'
ORDER BY event_time, event_id
