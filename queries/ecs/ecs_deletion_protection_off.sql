-- /// view
-- name = "ecs_deletion_protection_off"
-- severity = "high"
-- kind = "match"
-- attack = ["T1562.001"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.ecs_release_protec_off"]
-- title.en = "Release protection of ECS instances turned off"
-- title.ja = "ECS インスタンスのリリース保護の無効化"
-- title.zh = "关闭 ECS 实例释放保护"
-- why = """
-- Without release protection, one call releases the instance. Ask whether the instance was to be released, and turn
-- the protection on again if it was not. The view ecs_instance_released shows what was released after that."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    array_to_string(instance_ids, ',') AS instances,
    error_code,
    user_agent,
    access_key_id,
    event_id
FROM ecs_events
WHERE event_name = 'ModifyInstanceAttribute'
  AND lower(json_param(request_parameters, 'DeletionProtection')) = 'false'
ORDER BY event_time, event_id
