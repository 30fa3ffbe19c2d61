-- /// view
-- name = "function_changed"
-- severity = "low"
-- kind = "match"
-- attack = ["T1648"]
-- source = "peer"
-- title.en = "Function Compute functions or triggers created or changed"
-- title.ja = "Function Compute の関数とトリガーの作成、変更"
-- title.zh = "函数计算函数和触发器的创建与修改"
-- why = """
-- A function runs code with the rights of its role, and a trigger may open it to the internet. Read the code and
-- the role of a function that was changed outside of a release. Most rows come from deployments."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'functionName') AS function_name,
    json_param(request_parameters, 'triggerName') AS trigger_name,
    error_code,
    access_key_id,
    user_agent,
    event_id
FROM audit_events
WHERE event_name IN ('CreateFunction', 'UpdateFunction', 'CreateTrigger', 'UpdateTrigger')
  AND service LIKE 'fc%'
ORDER BY event_time, event_id
