-- /// view
-- name = "root_console_login"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1078.004"]
-- cis = ["2.18", "1.1"]
-- source = "actiontrail-template"
-- parity = ["template:Alibaba Cloud account: console logons"]
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
    account_id,
    principal,
    source_ip_address,
    acs_region,
    service_name,
    event_name,
    resource_name,
    mfa_used,
    additional_event_data_login_account AS login_account,
    user_agent,
    error_code,
    error_message,
    event_id
FROM console_logons
WHERE user_identity_type = 'root-account'
ORDER BY event_time, event_id
