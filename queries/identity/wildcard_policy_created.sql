-- /// view
-- name = "wildcard_policy_created"
-- severity = "high"
-- kind = "match"
-- attack = ["T1098.003"]
-- cis = ["1.15"]
-- source = "cis"
-- title.en = "Custom policies that allow every action on every resource"
-- title.ja = "すべてのリソースに対するすべての操作を許可するカスタムポリシー"
-- title.zh = "允许对所有资源执行所有操作的自定义权限策略"
-- why = """
-- Whoever gets this policy is an administrator under another name. Ask who wrote it, and narrow it to what is needed.
-- See in ram_permission_changed to whom it was attached. Conditions in the policy are not looked at."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'PolicyName') AS policy_name,
    json_param(request_parameters, 'SetAsDefault') AS set_as_default,
    access_key_id,
    error_code,
    event_id
FROM audit_events
WHERE event_name IN ('CreatePolicy', 'CreatePolicyVersion')
  AND service IN ('ram', 'resourcemanager')
  AND policy_grants_all(json_param(request_parameters, 'PolicyDocument'))
ORDER BY event_time, event_id
