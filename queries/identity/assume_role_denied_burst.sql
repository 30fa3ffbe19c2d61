-- /// view
-- name = "assume_role_denied_burst"
-- severity = "high"
-- kind = "threshold"
-- attack = ["T1550.001"]
-- cis = ["2.16"]
-- source = "peer"
-- title.en = "Repeated refused attempts of one principal to assume roles"
-- title.ja = "同一プリンシパルによるロールの引き受けの繰り返しの拒否"
-- title.zh = "同一主体多次扮演 RAM 角色被拒绝"
-- why = """
-- Somebody tries which roles let it in. Look at the roles and the address, and disable the key while nobody knows of
-- the attempts. A program with a wrong role looks alike. Look for attempts of the same principal that went well."""
-- param.n = { type = "count", default = 5, help = "Minimum number of refused attempts within one window" }
-- param.window = { type = "duration", default = "1h", help = "Length of a window" }
-- ///
WITH refusals AS (
    SELECT
        event_time, event_id, account_id, principal, source_ip_address,
        json_param(request_parameters, 'RoleArn') AS role_arn,
        principal_key AS burst_key, 1 AS burst_weight
    FROM audit_events
    WHERE event_name LIKE 'AssumeRole%'
      AND outcome = 'denied'
)
SELECT
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    account_id,
    count(*) AS events,
    min(principal) AS principal,
    min(source_ip_address) AS source_ip_address,
    count(DISTINCT source_ip_address) AS addresses,
    count(DISTINCT role_arn) AS roles,
    min(role_arn) AS role_arn,
    first_value(event_id ORDER BY event_time, event_id) AS event_id
FROM bursts(source => refusals, minimum => $n, length => $window)
GROUP BY account_id, burst_key, burst
ORDER BY first_event, account_id, principal
