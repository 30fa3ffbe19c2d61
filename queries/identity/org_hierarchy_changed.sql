-- /// view
-- name = "org_hierarchy_changed"
-- severity = "high"
-- kind = "match"
-- attack = ["T1666"]
-- source = "peer"
-- title.en = "Resource Directory members and control policies changed"
-- title.ja = "リソースディレクトリのメンバーとアクセス制御ポリシーの変更"
-- title.zh = "资源目录成员和管控策略变更"
-- why = """
-- A member that leaves its folder, or a control policy that goes, frees accounts from the limits of the organization.
-- Ask the administrators of the Resource Directory. Then look at what the account named in target did since."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(
        json_param(request_parameters, 'AccountId'),
        json_param(request_parameters, 'TargetEntity'),
        json_param(request_parameters, 'TargetId')
    ) AS target,
    json_param(request_parameters, 'PolicyId') AS control_policy_id,
    json_param(request_parameters, 'DestinationFolderId') AS destination_folder_id,
    access_key_id,
    error_code,
    event_id
FROM audit_events
WHERE event_name IN (
        'RemoveCloudAccount', 'DeleteAccount', 'MoveAccount', 'InviteAccountToResourceDirectory', 'AcceptHandshake',
        'CreateResourceAccount', 'PromoteResourceAccount', 'UpdateControlPolicy', 'DeleteControlPolicy',
        'DetachControlPolicy', 'DisableControlPolicy'
    )
  AND service IN ('resourcemanager', 'resourcedirectory', 'resourcedirectorymaster')
ORDER BY event_time, event_id
