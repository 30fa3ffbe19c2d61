-- /// view
-- name = "ecs_image_snapshot_exfil"
-- severity = "high"
-- kind = "match"
-- attack = ["T1537"]
-- source = "peer"
-- title.en = "Images and snapshots shared, exported or copied"
-- title.ja = "イメージとスナップショットの共有、エクスポート、コピー"
-- title.zh = "共享、导出或复制镜像和快照"
-- why = """
-- An image or a snapshot holds all data of a disk, and whoever gets it can read them. Check the accounts, the bucket
-- or the region in the row. Take the share back, and delete the copy, if nobody asked for it. Taking a share back is
-- no finding."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(
        json_param(request_parameters, 'ImageId'),
        json_param(request_parameters, 'SnapshotId')
    ) AS image_or_snapshot,
    array_to_string(json_params(request_parameters, 'AddAccount.*'), ',') AS shared_with,
    json_param(request_parameters, 'IsPublic') AS is_public,
    coalesce(
        json_param(request_parameters, 'OSSBucket'),
        json_param(request_parameters, 'DestinationRegionId')
    ) AS destination,
    error_code,
    access_key_id,
    event_id
FROM ecs_events
WHERE event_name IN ('ModifyImageSharePermission', 'ExportImage', 'ExportSnapshot', 'CopyImage', 'CopySnapshot')
  AND (
      event_name <> 'ModifyImageSharePermission'
      OR cardinality(json_params(request_parameters, 'AddAccount.*')) > 0
      OR lower(json_param(request_parameters, 'IsPublic')) = 'true'
  )
ORDER BY event_time, event_id
