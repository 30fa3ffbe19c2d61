-- /// view
-- name = "ak_new_ip"
-- severity = "medium"
-- kind = "first_seen"
-- attack = ["T1078.004"]
-- source = "ours"
-- parity = ["insight:AkInsight", "insight:IpInsight"]
-- title.en = "First use of an AccessKey from a network that it was not used from before"
-- title.ja = "これまで使用されていないネットワークからの AccessKey の使用"
-- title.zh = "AccessKey 首次在新网络中使用"
-- why = """
-- A long-term key is used from a network (/24, or /64 of IPv6) of which the last 30 days know nothing. Ask the owner of
-- the key, and see ak_multi_ip and summary_access_key. The first network of a key is no finding."""
-- param.baseline = { type = "duration", default = "30d", help = "Time in which a network counts as known, 1d or more" }
-- ///
-- A gap of a day or more lies between two UTC days, so that one row for each key, network and day is enough.
WITH days AS (
    SELECT
        account_id,
        access_key_id,
        ip_prefix(source_ip_address) AS network,
        event_date,
        min(event_time) AS day_begin,
        max(event_time) AS day_end,
        first_value(event_id ORDER BY event_time, event_id) AS first_id
    FROM audit_events
    WHERE access_key_kind(access_key_id) = 'long-term'
      AND ip_prefix(source_ip_address) IS NOT NULL
      AND event_time IS NOT NULL
    GROUP BY 1, 2, 3, 4
),
compared AS (
    SELECT
        *,
        lag(day_end) OVER (PARTITION BY account_id, access_key_id, network ORDER BY event_date) AS seen_before,
        min(day_begin) OVER (PARTITION BY account_id, access_key_id) AS key_since
    FROM days
)
SELECT
    used.event_time AS event_time,
    used.outcome AS outcome,
    used.account_id AS account_id,
    used.principal AS principal,
    used.source_ip_address AS source_ip_address,
    used.acs_region AS acs_region,
    used.service_name AS service_name,
    used.event_name AS event_name,
    used.resource_name AS resource_name,
    used.access_key_id AS access_key_id,
    compared.network AS network,
    compared.seen_before AS seen_before,
    used.user_agent AS user_agent,
    used.event_id AS event_id
FROM audit_events AS used
JOIN compared
  ON (used.account_id IS NOT DISTINCT FROM compared.account_id)
 AND used.access_key_id = compared.access_key_id
 AND ip_prefix(used.source_ip_address) = compared.network
 AND used.event_time = compared.day_begin
 AND (used.event_id IS NOT DISTINCT FROM compared.first_id)
WHERE compared.key_since < compared.day_begin
  AND (compared.seen_before IS NULL OR compared.seen_before < compared.day_begin - $baseline)
ORDER BY event_time, event_id
