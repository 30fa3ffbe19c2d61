-- /// view
-- name = "resource_history"
-- severity = "info"
-- kind = "summary"
-- source = "peer"
-- title.en = "Changes of one resource"
-- title.ja = "特定リソースの変更履歴"
-- title.zh = "单个资源的变更历史"
-- why = """
-- Everything that was done to one resource, in order, with what failed. Give its id, as resource_name has it.
-- Calls that do not name their resources, and events before 2020-12-16, which do not say Write, are missing."""
-- param.resource_name = { type = "text", default = "", help = "Id of the resource, such as i-bp1example" }
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    resource_type,
    error_code,
    access_key_id,
    user_agent,
    event_id
FROM audit_events
WHERE event_rw = 'Write'
  AND array_has(string_to_array(replace(nullif(resource_name, ''), ';', ','), ','), $resource_name)
ORDER BY event_time, event_id
