-- /// view
-- name = "ecs_forced_reboot"
-- severity = "high"
-- kind = "match"
-- attack = ["T1529"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.ecs_force_reboot"]
-- title.en = "Forced reboots of ECS instances"
-- title.ja = "ECS インスタンスの強制再起動"
-- title.zh = "强制重启 ECS 实例"
-- why = """
-- A forced reboot is like cutting the power of the instance, so that data in memory is lost. Ask the principal why a
-- plain reboot was not enough, and check the applications of the instance. The view ecs_reboot_often finds instances
-- that were rebooted again and again."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    array_to_string(instance_ids, ',') AS instances,
    error_code,
    user_agent,
    access_key_id,
    event_id
FROM ecs_events
WHERE event_name IN ('RebootInstance', 'RebootInstances')
  AND (
      lower(json_param(request_parameters, 'ForceReboot')) = 'true'
      OR lower(json_param(request_parameters, 'ForceStop')) = 'true'
  )
ORDER BY event_time, event_id
