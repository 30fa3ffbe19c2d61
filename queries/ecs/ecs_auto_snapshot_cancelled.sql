-- /// view
-- name = "ecs_auto_snapshot_cancelled"
-- severity = "high"
-- kind = "match"
-- attack = ["T1490"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.ecs_auto_snapshot_policy", "sls:ecs_auto_snapshot_policy"]
-- title.en = "Automatic snapshot policies cancelled or deleted"
-- title.ja = "自動スナップショットポリシーの適用解除と削除"
-- title.zh = "取消或删除自动快照策略"
-- why = """
-- From now on, no snapshots of these disks are made, so that they cannot be restored. Ask who backs the disks up
-- instead, and apply the policy again if nobody does. The view ecs_snapshot_deleted shows snapshots that went as
-- well."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(
        array_to_string(disk_resources, ','),
        array_to_string(json_params(request_parameters, 'diskIds.*'), ','),
        json_param(request_parameters, 'diskIds')
    ) AS disks,
    json_param(request_parameters, 'autoSnapshotPolicyId') AS policy_id,
    error_code,
    access_key_id,
    event_id
FROM ecs_events
WHERE event_name IN ('CancelAutoSnapshotPolicy', 'DeleteAutoSnapshotPolicy')
ORDER BY event_time, event_id
