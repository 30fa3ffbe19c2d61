-- /// view
-- name = "ecs_classic_network"
-- severity = "low"
-- kind = "match"
-- cis = ["3.1"]
-- source = "sls-audit"
-- parity = ["sls:ecs_network_type"]
-- title.en = "Instances created in the classic network"
-- title.ja = "クラシックネットワークでのインスタンスの作成"
-- title.zh = "在经典网络中创建实例"
-- why = """
-- An instance in the classic network has no network of its own and cannot be shut off as one in a VPC. Create it in
-- a VPC instead. A vSwitch that a network interface or a launch template names is one too: where launch_template is
-- given, look there."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    array_to_string(instance_ids, ',') AS instances,
    json_param(request_parameters, 'InstanceType') AS instance_type,
    coalesce(
        json_param(request_parameters, 'LaunchTemplateId'),
        json_param(request_parameters, 'LaunchTemplateName')
    ) AS launch_template,
    access_key_id,
    event_id
FROM ecs_events
WHERE event_name IN ('RunInstances', 'CreateInstance')
  AND outcome = 'success'
  AND coalesce(json_param(request_parameters, 'VSwitchId'), '') = ''
  AND coalesce(array_to_string(json_params(request_parameters, 'NetworkInterface.*.VSwitchId'), ''), '') = ''
ORDER BY event_time, event_id
