-- /// view
-- name = "login_new_ip"
-- severity = "medium"
-- kind = "first_seen"
-- attack = ["T1078.004"]
-- source = "ours"
-- parity = ["insight:IpInsight"]
-- title.en = "Console logons from a network that the principal has not used before"
-- title.ja = "これまで使用されていないネットワークからのコンソールログオン"
-- title.zh = "主体从未使用过的网络登录控制台"
-- why = """
-- A known principal logs on from a network (/24, or /64 of IPv6) that none of its logons of the last 30 days came
-- from. Ask the person, and look at where the address belongs and at what the session did. The first logons of a
-- principal are no finding, since there is nothing to compare them with."""
-- param.baseline = { type = "duration", default = "30d", help = "Time for which a network counts as known" }
-- ///
WITH logons AS (
    SELECT *, ip_prefix(source_ip_address) AS network
    FROM console_logons
    WHERE outcome = 'success'
      AND principal_key IS NOT NULL
      AND ip_prefix(source_ip_address) IS NOT NULL
),
compared AS (
    SELECT
        *,
        lag(event_time) OVER (
            PARTITION BY account_id, principal_key, network ORDER BY event_time, event_id
        ) AS seen_before,
        min(event_time) OVER (
            PARTITION BY account_id, principal_key ORDER BY event_time
            RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS principal_since
    FROM logons
)
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    network,
    seen_before,
    mfa_used,
    user_agent,
    event_id
FROM compared
WHERE principal_since < event_time
  AND (seen_before IS NULL OR seen_before < event_time - $baseline)
ORDER BY event_time, event_id
