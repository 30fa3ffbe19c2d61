-- /// view
-- name = "ram_user_console_login"
-- severity = "info"
-- kind = "match"
-- attack = ["T1078.004"]
-- cis = ["2.17"]
-- source = "ours"
-- title.en = "Console logons of RAM users"
-- title.ja = "RAM ユーザーのコンソールログオン"
-- title.zh = "RAM 用户登录控制台事件"
-- why = """
-- Which RAM users are people, from where they work and whether they use MFA. mfa_used is empty where a logon does not
-- say it. Those without MFA are in ram_user_login_without_mfa, all failed ones in console_login_failures."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    mfa_used,
    user_agent,
    error_code,
    event_id
FROM console_logons
WHERE user_identity_type = 'ram-user'
ORDER BY event_time, event_id
