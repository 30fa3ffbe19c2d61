-- /// view
-- name = "login_success_after_failures"
-- severity = "high"
-- kind = "sequence"
-- attack = ["T1110"]
-- cis = ["2.19"]
-- source = "ours"
-- title.en = "Console logons that succeed after failures of the same principal"
-- title.ja = "失敗を繰り返した後に成功したコンソールログオン"
-- title.zh = "同一主体多次失败后登录控制台成功"
-- why = """
-- A password may have been guessed. Ask the person about the failures, and look at what the session did. Where nobody
-- knows of them, reset the password, end the session and require MFA. A row is the logon that succeeded."""
-- param.n = { type = "count", default = 5, help = "Minimum number of failures before the logon" }
-- param.window = { type = "duration", default = "30m", help = "Length of the time before the logon" }
-- ///
WITH counted AS (
    SELECT
        *,
        count(*) FILTER (WHERE outcome <> 'success') OVER recent AS failures,
        min(event_time) FILTER (WHERE outcome <> 'success') OVER recent AS first_failure
    FROM console_logons
    WHERE principal_key IS NOT NULL
    WINDOW recent AS (
        PARTITION BY account_id, principal_key ORDER BY event_time
        RANGE BETWEEN $window PRECEDING AND CURRENT ROW
    )
)
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    failures,
    first_failure,
    mfa_used,
    user_agent,
    event_id
FROM counted
WHERE outcome = 'success'
  AND failures >= $n
ORDER BY event_time, event_id
