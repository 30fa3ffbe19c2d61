-- /// view
-- name = "ecs_role_attached"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1098.003"]
-- source = "peer"
-- title.en = "RAM roles attached to instances"
-- title.ja = "インスタンスへの RAM ロールのアタッチ"
-- title.zh = "为实例授予 RAM 角色"
-- why = """
-- Every program on the instance gets the rights of this role. Check the policies of the role, and ask what the
-- instance needs them for. Calls that the role makes afterwards come from the instance, with a temporary key: look
-- for the role in summary_principal."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    array_to_string(instance_ids, ',') AS instances,
    json_param(request_parameters, 'RamRoleName') AS role_name,
    error_code,
    access_key_id,
    event_id
FROM ecs_events
WHERE event_name IN ('AttachInstanceRamRole', 'RunInstances')
  AND (event_name <> 'RunInstances' OR json_param(request_parameters, 'RamRoleName') <> '')
ORDER BY event_time, event_id
