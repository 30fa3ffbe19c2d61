-- /// view
-- name = "root_console_login"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1078.004"]
-- cis = ["2.18", "1.1"]
-- source = "actiontrail-template"
-- title.en = "Console logons of the Alibaba Cloud account (root)"
-- title.ja = "Alibaba Cloud アカウント (root) のコンソールログオン"
-- title.zh = "阿里云账号（主账号）登录控制台事件"
-- why = """
-- The root account can do everything and cannot be restricted, so it should log on for billing and emergencies
-- only. Check each logon with its owner; failures followed by a success from the same address may be a guessed
-- password."""
-- ///
SELECT
    event_time,
    CASE WHEN outcome = 'success' THEN 'success' ELSE 'failure' END AS outcome,
    mfa_used,
    account_id,
    additional_event_data_login_account AS login_account,
    source_ip_address,
    user_agent,
    acs_region,
    error_code,
    error_message,
    event_id
FROM root_events
WHERE event_name = 'ConsoleSignin'
ORDER BY event_time, event_id
