-- /// view
-- name = "root_security_changed"
-- severity = "critical"
-- kind = "match"
-- attack = ["T1098"]
-- cis = ["1.3"]
-- source = "ours"
-- title.en = "Mail, phone, password or MFA of the Alibaba Cloud account (root) changed"
-- title.ja = "Alibaba Cloud アカウント (root) のメールアドレス、電話番号、パスワード、MFA の変更"
-- title.zh = "阿里云账号（主账号）的邮箱、手机、密码或 MFA 变更事件"
-- why = """
-- Whoever changes these takes the account over and keeps its owner out. Ask the owner over another channel at once, and
-- call the support of Alibaba Cloud if nobody knows of it. Look at the logons in root_console_login."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    user_identity_type,
    error_code,
    user_agent,
    event_id
FROM audit_events
WHERE event_name IN (
    'EmailModify', 'HelpEmailModify', 'MobileBind', 'MobileModify', 'PasswordModify', 'PasswordReset', 'MFABind',
    'MFAUnbind', 'ProtectionAdd'
)
  AND service IN ('aascustomer', 'customer')
ORDER BY event_time, event_id
