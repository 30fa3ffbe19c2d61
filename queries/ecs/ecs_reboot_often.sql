-- /// view
-- name = "ecs_reboot_often"
-- severity = "medium"
-- kind = "threshold"
-- attack = ["T1529"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.ecs_reboot_alot"]
-- title.en = "One ECS instance rebooted too often"
-- title.ja = "同一 ECS インスタンスの頻繁な再起動"
-- title.zh = "同一 ECS 实例短时间内多次重启"
-- why = """
-- Somebody disturbs this instance, or it does not start properly. Ask the principal, and look at the events of the
-- instance. The published rule takes the instances of one call for a single one; here each counts by itself. Calls
-- that failed count too, and failed says how many."""
-- param.n = { type = "int", default = 3, help = "Number of reboots that a window exceeds" }
-- param.window = { type = "duration", default = "30m", help = "Length of a window" }
-- ///
WITH reboots AS (
    SELECT
        event_time,
        event_id,
        outcome,
        account_id,
        principal,
        principal_key,
        source_ip_address,
        acs_region,
        unnest(array_distinct(instance_ids)) AS burst_key,
        1 AS burst_weight
    FROM ecs_events
    WHERE event_name IN ('RebootInstance', 'RebootInstances')
)
SELECT
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    account_id,
    count(*) AS events,
    min(principal) AS principal,
    min(source_ip_address) AS source_ip_address,
    burst_key AS instance_id,
    min(acs_region) AS acs_region,
    count(*) FILTER (WHERE outcome <> 'success') AS failed,
    count(DISTINCT principal_key) AS principals,
    first_value(event_id ORDER BY event_time, event_id) AS event_id
FROM bursts(source => reboots, more_than => $n, length => $window)
GROUP BY account_id, burst_key, burst
ORDER BY first_event, account_id, instance_id
