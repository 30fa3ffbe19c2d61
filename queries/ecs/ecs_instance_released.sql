-- /// view
-- name = "ecs_instance_released"
-- severity = "high"
-- kind = "match"
-- attack = ["T1578.003", "T1485"]
-- source = "actiontrail-template"
-- parity = ["template:lifecycle: ECS Instance > Delete Events", "alert:cis.at.esc_release"]
-- title.en = "ECS instances released"
-- title.ja = "ECS インスタンスの解放"
-- title.zh = "释放 ECS 实例"
-- why = """
-- The instance is gone, and its system disk with it unless a snapshot was kept. Ask the owner of the instance
-- whether it was to go, and look in ecs_mass_stop_delete for others. A release without a principal was done by
-- Alibaba Cloud, for instance after expiry."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    array_to_string(instance_ids, ',') AS instances,
    json_param(request_parameters, 'Force') AS forced,
    error_code,
    user_identity_type,
    access_key_id,
    event_id
FROM ecs_events
WHERE event_name IN ('DeleteInstance', 'DeleteInstances', 'Release')
  AND event_rw = 'Write'
  AND instance_resources IS NOT NULL
ORDER BY event_time, event_id
