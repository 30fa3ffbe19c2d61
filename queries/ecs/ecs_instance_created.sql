-- /// view
-- name = "ecs_instance_created"
-- severity = "info"
-- kind = "match"
-- attack = ["T1578.002"]
-- source = "actiontrail-template"
-- parity = ["template:lifecycle: ECS Instance > Create Events"]
-- title.en = "ECS instances created"
-- title.ja = "ECS インスタンスの作成"
-- title.zh = "创建 ECS 实例"
-- why = """
-- An inventory of the calls that created instances, by API or in the console. Look here for who made an instance,
-- from where, and of which type. The view ecs_mass_create finds many at once, and ecs_gpu_created the expensive
-- types."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    array_to_string(instance_ids, ',') AS instances,
    json_param(request_parameters, 'InstanceType') AS instance_type,
    json_param(request_parameters, 'ImageId') AS image_id,
    coalesce(json_param(request_parameters, 'Amount'), json_param(request_parameters, 'MaxAmount')) AS amount,
    access_key_id,
    event_id
FROM ecs_events
WHERE event_name IN ('Create', 'CreateInstance', 'RunInstances')
  AND instance_resources IS NOT NULL
ORDER BY event_time, event_id
