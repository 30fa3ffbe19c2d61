-- /// view
-- name = "ecs_mass_stop_delete"
-- severity = "critical"
-- kind = "threshold"
-- attack = ["T1485", "T1489"]
-- source = "ours"
-- title.en = "Many ECS instances stopped or released by one principal"
-- title.ja = "同一プリンシパルによる多数の ECS インスタンスの停止または解放"
-- title.zh = "同一主体短时间内大量停止或释放 ECS 实例"
-- why = """
-- Whoever wants to do harm stops or releases many instances at once. Ask the principal at once, disable the key
-- while nobody answers, and turn on release protection for what is left. Planned work looks alike, and its owner
-- knows it. A row is one burst."""
-- param.n = { type = "count", default = 5, help = "Minimum number of different instances within one window" }
-- param.window = { type = "duration", default = "10m", help = "Length of a window" }
-- ///
WITH instances AS (
    SELECT
        event_time,
        event_id,
        event_name,
        account_id,
        principal,
        source_ip_address,
        acs_region,
        principal_key AS burst_key,
        unnest(instance_ids) AS burst_value
    FROM ecs_events
    WHERE event_name IN ('StopInstance', 'StopInstances', 'DeleteInstance', 'DeleteInstances')
      AND outcome = 'success'
)
SELECT
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    account_id,
    count(DISTINCT event_id) AS events,
    min(principal) AS principal,
    min(source_ip_address) AS source_ip_address,
    count(DISTINCT burst_value) AS instances,
    count(DISTINCT burst_value) FILTER (WHERE event_name IN ('StopInstance', 'StopInstances')) AS stopped,
    count(DISTINCT burst_value) FILTER (WHERE event_name IN ('DeleteInstance', 'DeleteInstances')) AS released,
    count(DISTINCT acs_region) AS regions,
    first_value(event_id ORDER BY event_time, event_id) AS event_id
FROM varied_bursts(source => instances, minimum => $n, length => $window)
GROUP BY account_id, burst_key, burst
ORDER BY first_event, account_id, principal
