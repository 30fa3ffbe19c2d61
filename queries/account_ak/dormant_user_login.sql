-- /// view
-- name = "dormant_user_login"
-- severity = "medium"
-- kind = "sequence"
-- attack = ["T1078.004"]
-- cis = ["1.5"]
-- source = "cis"
-- title.en = "Console logons of principals that were inactive for long"
-- title.ja = "長期間アクティビティのなかったプリンシパルのコンソールログオン"
-- title.zh = "长期不活跃的主体登录控制台"
-- why = """
-- Users that nobody misses are taken over unnoticed: ask the person, and remove the user if it is not needed. Failed
-- logons are no activity. A principal without an earlier event is not listed, so the scope must be longer than idle."""
-- param.idle = { type = "duration", default = "90d", help = "Minimum length of the time without activity, 1d or more" }
-- ///
-- A gap of a day or more lies between two UTC days, so that one row for each principal and day is enough.
WITH active AS (
    SELECT
        account_id,
        principal_key,
        event_date,
        min(event_time) AS day_begin,
        max(event_time) AS day_end
    FROM audit_events
    WHERE principal_key IS NOT NULL
      AND event_time IS NOT NULL
      AND NOT (event_name = 'ConsoleSignin' AND outcome <> 'success')
    GROUP BY 1, 2, 3
),
compared AS (
    SELECT *, lag(day_end) OVER (PARTITION BY account_id, principal_key ORDER BY event_date) AS last_activity
    FROM active
)
SELECT
    logon.event_time AS event_time,
    logon.outcome AS outcome,
    logon.account_id AS account_id,
    logon.principal AS principal,
    logon.source_ip_address AS source_ip_address,
    logon.acs_region AS acs_region,
    logon.service_name AS service_name,
    logon.event_name AS event_name,
    logon.resource_name AS resource_name,
    compared.last_activity AS last_activity,
    logon.user_identity_type AS user_identity_type,
    logon.mfa_used AS mfa_used,
    logon.user_agent AS user_agent,
    logon.event_id AS event_id
FROM console_logons AS logon
JOIN compared
  ON (logon.account_id IS NOT DISTINCT FROM compared.account_id)
 AND logon.principal_key = compared.principal_key
 AND logon.event_time = compared.day_begin
WHERE logon.outcome = 'success'
  AND compared.last_activity <= compared.day_begin - $idle
ORDER BY event_time, event_id
