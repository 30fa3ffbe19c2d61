-- /// view
-- name = "root_console_login_success"
-- severity = "high"
-- kind = "match"
-- attack = ["T1078.004"]
-- cis = ["2.18"]
-- source = "peer"
-- title.en = "Successful console logons of the Alibaba Cloud account (root)"
-- title.ja = "Alibaba Cloud アカウント (root) のコンソールログオンの成功"
-- title.zh = "阿里云账号（主账号）成功登录控制台事件"
-- why = """
-- Somebody holds a session that can do everything and that no policy restricts. Ask the owner of the account, and look
-- in root_resource_write at what was changed. Failed attempts are in root_console_login."""
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
ORDER BY event_time, event_id
