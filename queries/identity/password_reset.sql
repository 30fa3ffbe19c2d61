-- /// view
-- name = "password_reset"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1098"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.password_reset"]
-- title.en = "Passwords changed or reset"
-- title.ja = "パスワードの変更、リセット"
-- title.zh = "密码的修改和重置"
-- why = """
-- Somebody who takes over an account changes its password so that the owner is shut out. Ask the owner. The published
-- rule leaves out the password of the root account and of the sign-in page (AasSub), which are listed here."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    user_identity_type,
    error_code,
    user_agent,
    event_id
FROM audit_events
WHERE event_name IN ('ChangePassword', 'PasswordReset', 'PasswordModify')
  AND (
    (event_name = 'ChangePassword' AND service IN ('ram', 'ims', 'aassub'))
    OR (event_name IN ('PasswordReset', 'PasswordModify') AND service = 'aascustomer')
  )
ORDER BY event_time, event_id
