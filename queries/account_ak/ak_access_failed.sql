-- /// view
-- name = "ak_access_failed"
-- severity = "medium"
-- kind = "threshold"
-- attack = ["T1078.004"]
-- source = "actiontrail-template"
-- parity = ["template:AccessKeys: failed calls", "alert:cis.at.abnormal_ak_usage"]
-- title.en = "AccessKeys with failed calls"
-- title.ja = "呼び出しに失敗した AccessKey"
-- title.zh = "存在访问失败的 AccessKey"
-- why = """
-- A row is one AccessKey and its failed calls. Refusals that begin all at once may mean a stolen key or a changed
-- policy. Ask the owner, and look at the key in summary_access_key and permission_enumeration."""
-- param.n = { type = "count", default = 1, help = "Minimum number of failed calls of one AccessKey" }
-- ///
WITH failures AS (
    SELECT *, nullif(btrim(error_code, ' "'), '') AS code
    FROM audit_events
    WHERE outcome <> 'success'
      AND access_key_kind(access_key_id) IS NOT NULL
)
SELECT
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    account_id,
    count(*) AS events,
    min(principal) AS principal,
    min(source_ip_address) AS source_ip_address,
    count(DISTINCT source_ip_address) AS addresses,
    access_key_id,
    access_key_kind(access_key_id) AS key_kind,
    count(*) FILTER (WHERE outcome = 'denied') AS denied,
    count(DISTINCT code) AS error_codes,
    min(code) AS error_code,
    first_value(event_id ORDER BY event_time, event_id) AS event_id
FROM failures
GROUP BY account_id, access_key_id
HAVING count(*) >= $n
ORDER BY first_event, account_id, access_key_id
