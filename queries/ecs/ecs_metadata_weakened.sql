-- /// view
-- name = "ecs_metadata_weakened"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1552.005"]
-- source = "ours"
-- title.en = "Instance metadata readable without a token"
-- title.ja = "インスタンスメタデータのセキュリティ強化モードの解除"
-- title.zh = "实例元数据不再强制使用加固模式"
-- why = """
-- Without a token, a program that can be made to fetch an address also fetches the keys of the instance's role. Set
-- HttpTokens to required again, and ask what needs the old way. The view ecs_role_attached tells which roles
-- instances got."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    array_to_string(instance_ids, ',') AS instances,
    json_param(request_parameters, 'HttpEndpoint') AS http_endpoint,
    error_code,
    access_key_id,
    event_id
FROM ecs_events
WHERE event_name = 'ModifyInstanceMetadataOptions'
  AND lower(json_param(request_parameters, 'HttpTokens')) = 'optional'
ORDER BY event_time, event_id
