-- /// view
-- name = "sso_idp_changed"
-- severity = "high"
-- kind = "match"
-- attack = ["T1484.002"]
-- source = "peer"
-- title.en = "SSO settings and identity providers changed"
-- title.ja = "SSO 設定と ID プロバイダーの変更"
-- title.zh = "SSO 设置和身份提供商变更"
-- why = """
-- Whoever holds the identity provider may log on as anybody, without a password of this account. Check that the
-- metadata and the provider are those of your company. Then look at the roles that trust it in role_trust_external."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(
        json_param(request_parameters, 'SAMLProviderName'),
        json_param(request_parameters, 'OIDCProviderName')
    ) AS provider_name,
    coalesce(
        json_param(request_parameters, 'SsoEnabled'),
        json_param(request_parameters, 'SSOStatus')
    ) AS sso_status,
    access_key_id,
    error_code,
    event_id
FROM audit_events
WHERE event_name IN (
        'CreateSAMLProvider', 'UpdateSAMLProvider', 'DeleteSAMLProvider', 'CreateOIDCProvider', 'UpdateOIDCProvider',
        'DeleteOIDCProvider', 'SetUserSsoSettings', 'SetExternalSAMLIdentityProvider'
    )
ORDER BY event_time, event_id
