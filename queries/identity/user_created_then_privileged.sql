-- /// view
-- name = "user_created_then_privileged"
-- severity = "high"
-- kind = "sequence"
-- attack = ["T1136.003", "T1098.003"]
-- source = "ours"
-- title.en = "New RAM users given a key, a console logon or a policy"
-- title.ja = "作成直後の RAM ユーザーへの AccessKey、コンソールログオン、ポリシーの付与"
-- title.zh = "新建 RAM 用户后随即授予 AccessKey、控制台登录或权限策略"
-- why = """
-- Intruders make a user with a harmless name and give it what they need to come back. Ask for the request behind the
-- user. Administrators do the same for a new colleague, so look at who did it, from where, and which policy it was."""
-- param.window = { type = "duration", default = "1h", help = "Length of the time after the user was created" }
-- ///
WITH grants AS (
    SELECT
        *,
        max(event_time) FILTER (WHERE event_name = 'CreateUser' AND outcome = 'success') OVER (
            PARTITION BY account_id, target_user ORDER BY event_time
            RANGE BETWEEN $window PRECEDING AND CURRENT ROW
        ) AS user_created
    FROM user_grants
    WHERE event_name IN (
            'CreateUser', 'CreateAccessKey', 'CreateLoginProfile', 'UpdateLoginProfile', 'AttachPolicyToUser',
            'AttachPolicy'
        )
      AND outcome = 'success'
      AND target_user IS NOT NULL
)
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    target_user,
    user_created,
    policy_name,
    access_key_id,
    user_agent,
    event_id
FROM grants
WHERE event_name <> 'CreateUser'
  AND user_created IS NOT NULL
ORDER BY event_time, event_id
