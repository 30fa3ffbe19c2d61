-- /// view
-- name = "self_privilege_change"
-- severity = "high"
-- kind = "match"
-- attack = ["T1098.003"]
-- source = "ours"
-- title.en = "RAM users that change their own permissions or credentials"
-- title.ja = "RAM ユーザー自身による権限または認証情報の変更"
-- title.zh = "RAM 用户变更自身的权限或凭证"
-- why = """
-- Whoever may give rights to itself has them all, and an intruder makes a key to stay. Ask for the ticket behind the
-- change, and look in admin_policy_attached. Keys and logons are listed when made, policies also when the attempt
-- failed."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    target_user,
    policy_name,
    access_key_id,
    error_code,
    event_id
FROM user_grants
WHERE event_name IN (
        'CreateAccessKey', 'CreateLoginProfile', 'UpdateLoginProfile',
        'AttachPolicyToUser', 'DetachPolicyFromUser', 'AttachPolicy', 'DetachPolicy'
    )
  AND user_identity_type = 'ram-user'
  AND target_user = lower(split_part(user_identity_user_name, '@', 1))
  AND (outcome = 'success' OR event_name NOT IN ('CreateAccessKey', 'CreateLoginProfile', 'UpdateLoginProfile'))
ORDER BY event_time, event_id
