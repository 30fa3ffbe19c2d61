-- /// view
-- name = "ecs_system_disk_replaced"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1578"]
-- source = "peer"
-- title.en = "System disks replaced"
-- title.ja = "システムディスクの交換"
-- title.zh = "更换系统盘"
-- why = """
-- The instance starts from another image, and what was on the system disk is gone. Ask the owner of the instance,
-- and check the image: an unknown one may hold a miner. The view ecs_root_initial_user shows whether root may log on
-- to it."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    array_to_string(instance_ids, ',') AS instances,
    coalesce(json_param(request_parameters, 'ImageId'), json_param(request_parameters, 'DiskId')) AS image_or_disk,
    json_param(request_parameters, 'KeyPairName') AS key_pair,
    access_key_id,
    event_id
FROM ecs_events
WHERE event_name = 'ReplaceSystemDisk'
  AND outcome = 'success'
ORDER BY event_time, event_id
