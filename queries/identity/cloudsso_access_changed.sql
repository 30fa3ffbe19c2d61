-- /// view
-- name = "cloudsso_access_changed"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1098.003"]
-- source = "peer"
-- title.en = "CloudSSO access assignments and configurations changed"
-- title.ja = "CloudSSO のアクセス割り当てとアクセス構成の変更"
-- title.zh = "云 SSO 授权和访问配置变更"
-- why = """
-- CloudSSO gives people rights in many accounts at once, and a SCIM credential lets a program make users. Ask for the
-- ticket behind the change. Check what the access configuration allows in the accounts named in target_id."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'AccessConfigurationId') AS access_configuration_id,
    json_param(request_parameters, 'PrincipalId') AS target_principal_id,
    json_param(request_parameters, 'TargetId') AS target_id,
    coalesce(
        json_param(request_parameters, 'PermissionPolicyName'),
        json_param(request_parameters, 'AccessConfigurationName')
    ) AS changed_name,
    error_code,
    event_id
FROM audit_events
WHERE event_name IN (
        'CreateAccessAssignment', 'DeleteAccessAssignment', 'CreateAccessConfiguration',
        'AddPermissionPolicyToAccessConfiguration', 'CreateSCIMServerCredential'
    )
  AND service = 'cloudsso'
ORDER BY event_time, event_id
