-- /// view
-- name = "security_group_changed"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1562.007"]
-- cis = ["2.22"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.securitygroup_change", "sls:securitygroup_change"]
-- title.en = "Security groups changed"
-- title.ja = "セキュリティグループの作成、変更、削除"
-- title.zh = "安全组变更"
-- why = """
-- A security group says who reaches the instances in it. Compare the rule in the row with the one that was asked
-- for, and take back what nobody knows. The views security_group_open_world and security_group_admin_port_open show
-- the dangerous ones among these."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'SecurityGroupId') AS security_group_id,
    coalesce(
        array_to_string(json_params(request_parameters, 'Permissions.*.PortRange'), ','),
        json_param(request_parameters, 'PortRange')
    ) AS port_range,
    coalesce(
        array_to_string(json_params(request_parameters, 'Permissions.*.SourceCidrIp'), ','),
        array_to_string(json_params(request_parameters, 'Permissions.*.DestCidrIp'), ','),
        json_param(request_parameters, 'SourceCidrIp'),
        json_param(request_parameters, 'DestCidrIp'),
        json_param(request_parameters, 'Ipv6SourceCidrIp'),
        json_param(request_parameters, 'Ipv6DestCidrIp')
    ) AS networks,
    error_code,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name IN (
        'CreateSecurityGroup', 'AuthorizeSecurityGroup', 'AuthorizeSecurityGroupEgress', 'RevokeSecurityGroup',
        'RevokeSecurityGroupEgress', 'JoinSecurityGroup', 'LeaveSecurityGroup', 'DeleteSecurityGroup',
        'ModifySecurityGroupPolicy', 'ConfigureSecurityGroupPermissions', 'ModifySecurityGroupRule',
        'ModifySecurityGroupEgressRule'
    )
  AND service = 'ecs'
ORDER BY event_time, event_id
