-- /// view
-- name = "assume_role_cross_account"
-- severity = "low"
-- kind = "match"
-- attack = ["T1199"]
-- source = "peer"
-- title.en = "Roles assumed by principals of another account"
-- title.ja = "他のアカウントのプリンシパルによるロールの引き受け"
-- title.zh = "其他账号的主体扮演 RAM 角色"
-- why = """
-- Somebody of another account takes a role, or tries to. Check that the pair of accounts is one that you know. Accounts
-- of Alibaba Cloud services are among them, and role_trust_external shows who let them in."""
-- ///
WITH calls AS (
    SELECT
        *,
        json_param(request_parameters, 'RoleArn') AS role_arn,
        split_part(json_param(request_parameters, 'RoleArn'), ':', 4) AS role_account_id
    FROM audit_events
    WHERE event_name IN ('AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithOIDC')
)
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    user_identity_account_id AS caller_account_id,
    role_account_id,
    role_arn,
    json_param(request_parameters, 'RoleSessionName') AS session_name,
    error_code,
    event_id
FROM calls
WHERE role_account_id <> ''
  AND role_account_id <> user_identity_account_id
ORDER BY event_time, event_id
