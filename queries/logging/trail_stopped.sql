-- /// view
-- name = "trail_stopped"
-- severity = "critical"
-- kind = "match"
-- attack = ["T1562.008"]
-- cis = ["2.1"]
-- source = "actiontrail-template"
-- parity = ["template:audit trail stops", "alert:cis.at.trail_off", "insight:TrailConcealmentInsight"]
-- title.en = "Attempts to stop or delete trails"
-- title.ja = "トレイルの停止または削除の試行"
-- title.zh = "停止或删除跟踪的操作"
-- why = """
-- Events are no longer delivered from here on, and whoever did it may not want to be seen. Turn the trail on again,
-- then look at what this principal did before. A refused attempt counts as much. ActionTrail itself keeps 90 days."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'Name') AS trail_name,
    user_identity_type,
    access_key_id,
    user_agent,
    error_code,
    event_id
FROM audit_events
WHERE event_name IN ('DeleteTrail', 'StopLogging')
  AND service = 'actiontrail'
ORDER BY event_time, event_id
