-- /// view
-- name = "root_login_without_mfa"
-- severity = "high"
-- kind = "match"
-- attack = ["T1078.004"]
-- cis = ["1.3", "2.17"]
-- source = "sls-audit"
-- parity = ["sls:root_mfa"]
-- title.en = "Console logons of the Alibaba Cloud account (root) without MFA"
-- title.ja = "MFA を使用しない Alibaba Cloud アカウント (root) のコンソールログオン"
-- title.zh = "阿里云账号（主账号）未使用 MFA 登录控制台事件"
-- why = """
-- A password alone opens the whole account. Bind an MFA device to the Alibaba Cloud account, and ask its owner about
-- this logon. A logon that does not say whether MFA was used is in root_console_login only."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    mfa_used,
    additional_event_data_login_account AS login_account,
    user_agent,
    event_id
FROM console_logons
WHERE user_identity_type = 'root-account'
  AND outcome = 'success'
  AND NOT mfa_used
ORDER BY event_time, event_id
