-- /// view
-- name = "ram_role_changed"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1098.003"]
-- cis = ["2.10"]
-- source = "actiontrail-template"
-- parity = ["template:Network/Data Security: RAM role changes", "template:lifecycle RAM role"]
-- title.en = "RAM roles created, changed or deleted"
-- title.ja = "RAM ロールの作成、変更、削除"
-- title.zh = "RAM 角色的创建、修改和删除"
-- why = """
-- A role lends its rights to whoever its trust policy names. Ask for the ticket behind the change. The view
-- role_trust_external shows those that trust somebody outside the account, ram_permission_changed what a role may
-- do."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'RoleName') AS role_name,
    array_to_string(policy_principals(coalesce(
        json_param(request_parameters, 'AssumeRolePolicyDocument'),
        json_param(request_parameters, 'NewAssumeRolePolicyDocument')
    )), ', ') AS trusted_principals,
    access_key_id,
    error_code,
    event_id
FROM audit_events
WHERE event_name IN ('CreateRole', 'UpdateRole', 'DeleteRole')
  AND service IN ('ram', 'ims')
ORDER BY event_time, event_id
