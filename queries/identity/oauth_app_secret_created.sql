-- /// view
-- name = "oauth_app_secret_created"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1098.001"]
-- source = "ours"
-- title.en = "OAuth applications and their secrets created"
-- title.ja = "OAuth アプリケーションとアプリケーションシークレットの作成"
-- title.zh = "OAuth 应用及应用密钥的创建"
-- why = """
-- Whoever holds the secret of an application acts for the users who agreed to it, until the secret is deleted. Ask who
-- runs the application and where its secret is kept. Delete the secret where nobody knows."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'AppName') AS app_name,
    json_param(request_parameters, 'AppId') AS app_id,
    access_key_id,
    error_code,
    event_id
FROM audit_events
WHERE event_name IN ('CreateApplication', 'CreateAppSecret')
  AND service = 'ims'
ORDER BY event_time, event_id
