-- /// view
-- name = "login_profile_changed"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1098.001"]
-- source = "peer"
-- title.en = "Console logon of RAM users enabled or reset"
-- title.ja = "RAM ユーザーのコンソールログオンの有効化、設定変更"
-- title.zh = "RAM 用户控制台登录的启用和修改"
-- why = """
-- A logon profile lets a user into the console, and a change of one may set a new password. Whoever made the change may
-- know it and log on as that user. Ask the user, and look at the logons that follow in login_new_ip."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(
        json_param(request_parameters, 'UserPrincipalName'),
        json_param(request_parameters, 'UserName')
    ) AS target_user,
    json_param(request_parameters, 'PasswordResetRequired') AS password_reset_required,
    json_param(request_parameters, 'MFABindRequired') AS mfa_bind_required,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name IN ('CreateLoginProfile', 'UpdateLoginProfile')
  AND service IN ('ram', 'ims')
  AND outcome = 'success'
ORDER BY event_time, event_id
