-- /// view
-- name = "ecs_user_data_access"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1552.005", "T1059.009"]
-- source = "peer"
-- title.en = "User data of instances read or changed"
-- title.ja = "インスタンスのユーザーデータの読み取りまたは変更"
-- title.zh = "读取或修改实例自定义数据"
-- why = """
-- User data often hold passwords, and run as root at the next start. Ask the principal what was read or changed, and
-- why. If nobody knows, change the secrets in it and check the script. The view ecs_forced_reboot may show the
-- restart that ran it."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    CASE WHEN event_name = 'DescribeUserData' THEN 'read' ELSE 'changed' END AS access,
    array_to_string(instance_ids, ',') AS instances,
    error_code,
    user_agent,
    access_key_id,
    event_id
FROM ecs_events
WHERE event_name IN ('DescribeUserData', 'ModifyInstanceAttribute')
  AND (event_name <> 'ModifyInstanceAttribute' OR json_param(request_parameters, 'UserData') <> '')
ORDER BY event_time, event_id
