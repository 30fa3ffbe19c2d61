-- /// view
-- name = "role_trust_external"
-- severity = "high"
-- kind = "match"
-- attack = ["T1098.003"]
-- source = "ours"
-- title.en = "RAM roles that trust other accounts or identity providers"
-- title.ja = "他のアカウントまたは ID プロバイダーを信頼する RAM ロール"
-- title.zh = "信任其他账号或身份提供商的 RAM 角色"
-- why = """
-- Somebody outside the account may take this role, and stays able to when all keys are changed. Ask whose the account
-- or the provider in external_principals is. See in assume_role_cross_account who took roles, and put the trust policy
-- right."""
-- ///
WITH calls AS (
    SELECT
        *,
        foreign_principals(
            coalesce(
                json_param(request_parameters, 'AssumeRolePolicyDocument'),
                json_param(request_parameters, 'NewAssumeRolePolicyDocument')
            ),
            account_id
        ) AS outsiders
    FROM audit_events
    WHERE event_name IN ('CreateRole', 'UpdateRole')
      AND service IN ('ram', 'ims', 'resourcemanager')
)
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'RoleName') AS role_name,
    array_to_string(outsiders, ', ') AS external_principals,
    access_key_id,
    error_code,
    event_id
FROM calls
WHERE outsiders IS NOT NULL
ORDER BY event_time, event_id
