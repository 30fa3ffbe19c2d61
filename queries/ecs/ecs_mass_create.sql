-- /// view
-- name = "ecs_mass_create"
-- severity = "high"
-- kind = "threshold"
-- attack = ["T1496"]
-- source = "peer"
-- title.en = "Many ECS instances created by one principal"
-- title.ja = "同一プリンシパルによる ECS インスタンスの大量作成"
-- title.zh = "同一主体短时间内大量创建 ECS 实例"
-- why = """
-- Whoever mines coins with a stolen key creates many instances at once. Ask the principal for the reason, and look
-- at their types and regions. If nobody knows of them, release them and disable the key. A row is one burst, and
-- counts Amount of each call, or else the instances that the event names."""
-- param.n = { type = "count", default = 10, help = "Minimum number of instances within one window" }
-- param.window = { type = "duration", default = "1h", help = "Length of a window" }
-- ///
WITH creations AS (
    SELECT
        event_time, event_id, account_id, principal, source_ip_address, acs_region,
        json_param(request_parameters, 'InstanceType') AS instance_type,
        principal_key AS burst_key,
        coalesce(
            TRY_CAST(json_param(request_parameters, 'Amount') AS BIGINT),
            greatest(CAST(cardinality(instance_resources) AS BIGINT), 1)
        ) AS burst_weight
    FROM ecs_events
    WHERE event_name IN ('Create', 'CreateInstance', 'RunInstances')
      AND outcome = 'success'
      AND instance_resources IS NOT NULL
)
SELECT
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    account_id,
    count(*) AS events,
    min(principal) AS principal,
    min(source_ip_address) AS source_ip_address,
    sum(burst_weight) AS instances,
    count(DISTINCT acs_region) AS regions,
    min(instance_type) AS instance_type,
    count(DISTINCT instance_type) AS instance_types,
    first_value(event_id ORDER BY event_time, event_id) AS event_id
FROM bursts(source => creations, minimum => $n, length => $window)
GROUP BY account_id, burst_key, burst
ORDER BY first_event, account_id, principal
