-- /// view
-- name = "access_key_created"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1098.001"]
-- cis = ["1.2"]
-- source = "peer"
-- title.en = "AccessKey pairs created"
-- title.ja = "AccessKey ペアの作成"
-- title.zh = "AccessKey 的创建"
-- why = """
-- An AccessKey opens the API without a password and without MFA until it is disabled. Ask who uses the key and where it
-- is kept. A key made for another user (is_for_another) lets its maker act under that name."""
-- ///
WITH created AS (
    SELECT
        *,
        nullif(coalesce(
            json_param(request_parameters, 'UserPrincipalName'),
            json_param(request_parameters, 'UserName')
        ), '') AS target_user
    FROM audit_events
    WHERE event_name = 'CreateAccessKey'
      AND service IN ('ram', 'ims')
      AND outcome = 'success'
)
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    target_user,
    target_user IS NOT NULL AND (
        coalesce(user_identity_type, '') <> 'ram-user'
        OR lower(split_part(target_user, '@', 1)) <> lower(split_part(coalesce(user_identity_user_name, ''), '@', 1))
    ) AS is_for_another,
    json_param(response_elements, 'AccessKey.AccessKeyId') AS created_access_key_id,
    access_key_id,
    event_id
FROM created
ORDER BY event_time, event_id
