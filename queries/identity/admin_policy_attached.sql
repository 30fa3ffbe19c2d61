-- /// view
-- name = "admin_policy_attached"
-- severity = "high"
-- kind = "match"
-- attack = ["T1098.003"]
-- cis = ["1.15"]
-- source = "peer"
-- title.en = "Administrator policies attached"
-- title.ja = "管理者権限を持つポリシーのアタッチ"
-- title.zh = "授予管理员级别的权限策略"
-- why = """
-- The holder of this policy may do everything, or may give itself everything. Ask for the ticket, and detach the policy
-- where nobody knows of it. Name policies of your own that give as much with extra."""
-- param.extra = { type = "list", default = [], help = "More policies that give the rights of an administrator" }
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    target_type,
    target_name,
    policy_name,
    json_param(request_parameters, 'ResourceGroupId') AS resource_group_id,
    access_key_id,
    event_id
FROM permission_changes
WHERE event_name IN ('AttachPolicy', 'AttachPolicyToUser', 'AttachPolicyToGroup', 'AttachPolicyToRole')
  AND outcome = 'success'
  AND (
    policy_name IN (
        'AdministratorAccess', 'AliyunRAMFullAccess', 'AliyunSTSAssumeRoleAccess', 'AliyunResourceDirectoryFullAccess'
    )
    OR array_has($extra, policy_name)
  )
ORDER BY event_time, event_id
