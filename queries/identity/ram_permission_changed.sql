-- /// view
-- name = "ram_permission_changed"
-- severity = "high"
-- kind = "match"
-- attack = ["T1098.003"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.ram_auth_change", "insight:PolicyChangeInsight"]
-- title.en = "Policies attached to or detached from RAM users, groups or roles"
-- title.ja = "RAM ユーザー、ユーザーグループ、ロールへのポリシーのアタッチとデタッチ"
-- title.zh = "RAM 用户、用户组和角色的权限策略授予与移除"
-- why = """
-- A policy that is attached gives rights to its holder at once, and one that is detached takes them away. Ask for the
-- ticket behind it. Rights of an administrator are in admin_policy_attached, refused attempts are listed too."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    target_type,
    target_name,
    policy_name,
    json_param(request_parameters, 'ResourceGroupId') AS resource_group_id,
    error_code,
    event_id
FROM permission_changes
ORDER BY event_time, event_id
