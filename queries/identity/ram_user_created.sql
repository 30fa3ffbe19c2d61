-- /// view
-- name = "ram_user_created"
-- severity = "low"
-- kind = "match"
-- attack = ["T1136.003"]
-- source = "peer"
-- title.en = "RAM users created"
-- title.ja = "RAM ユーザーの作成"
-- title.zh = "RAM 用户的创建"
-- why = """
-- A new user is a new way into the account, and intruders make one to stay. Ask for the request behind it. Then see in
-- user_created_then_privileged, access_key_created and ram_permission_changed what the user was given."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(
        json_param(request_parameters, 'UserPrincipalName'),
        json_param(request_parameters, 'UserName')
    ) AS target_user,
    json_param(request_parameters, 'DisplayName') AS display_name,
    access_key_id,
    user_agent,
    event_id
FROM audit_events
WHERE event_name = 'CreateUser'
  AND service IN ('ram', 'ims')
  AND outcome = 'success'
ORDER BY event_time, event_id
