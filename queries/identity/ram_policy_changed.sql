-- /// view
-- name = "ram_policy_changed"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1098.003"]
-- cis = ["2.10"]
-- source = "cis"
-- parity = ["alert:cis.at.ram_policy_change", "sls:ram_policy_change"]
-- title.en = "RAM policies created, changed or deleted"
-- title.ja = "RAM ポリシーの作成、変更、削除"
-- title.zh = "RAM 权限策略的创建、修改和删除"
-- why = """
-- A policy says what its holders may do, so a change of one may give rights to many at once. Compare the new version
-- with the one before, and ask for the ticket behind it. A refused attempt tells of somebody who looks for rights."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'PolicyName') AS policy_name,
    json_param(request_parameters, 'VersionId') AS version_id,
    access_key_id,
    error_code,
    event_id
FROM audit_events
WHERE event_name IN (
        'CreatePolicy', 'DeletePolicy', 'CreatePolicyVersion', 'UpdatePolicyVersion', 'DeletePolicyVersion',
        'SetDefaultPolicyVersion'
    )
  AND service IN ('ram', 'resourcemanager')
ORDER BY event_time, event_id
