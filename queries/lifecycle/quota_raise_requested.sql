-- /// view
-- name = "quota_raise_requested"
-- severity = "low"
-- kind = "match"
-- attack = ["T1578.005"]
-- source = "peer"
-- title.en = "Quota increases requested"
-- title.ja = "クォータの引き上げ申請"
-- title.zh = "申请提升配额"
-- why = """
-- Whoever mines at the cost of others needs more instances than the quota allows, and asks for them first. Ask
-- who needs the higher quota of this service. Look at ecs_mass_create and ecs_gpu_created next."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'ProductCode') AS product_code,
    json_param(request_parameters, 'QuotaActionCode') AS quota_code,
    json_param(request_parameters, 'DesireValue') AS desired_value,
    error_code,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name = 'CreateQuotaApplication'
  AND service = 'quotas'
ORDER BY event_time, event_id
