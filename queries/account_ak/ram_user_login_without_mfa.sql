-- /// view
-- name = "ram_user_login_without_mfa"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1078.004"]
-- cis = ["2.17", "1.4"]
-- source = "actiontrail-template"
-- parity = ["template:RAM users: logons without MFA", "alert:cis.at.ram_mfa_login", "sls:ram_mfa"]
-- title.en = "Console logons of RAM users without MFA"
-- title.ja = "MFA を使用しない RAM ユーザーのコンソールログオン"
-- title.zh = "RAM 用户未使用 MFA 登录控制台事件"
-- why = """
-- A password alone opens the console for this user, and passwords are guessed, reused and phished. Have the user bind
-- an MFA device, and require MFA for all RAM users in the security preferences. Look closer at a logon from an
-- address that the user does not use."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    mfa_used,
    user_agent,
    event_id
FROM console_logons
WHERE user_identity_type = 'ram-user'
  AND outcome = 'success'
  AND NOT mfa_used
ORDER BY event_time, event_id
