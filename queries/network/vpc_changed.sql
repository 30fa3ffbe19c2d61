-- /// view
-- name = "vpc_changed"
-- severity = "low"
-- kind = "match"
-- attack = ["T1578.005"]
-- cis = ["2.13"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.vpc_conf_change", "sls:vpc_conf_change"]
-- title.en = "VPCs and vSwitches changed"
-- title.ja = "VPC と vSwitch の作成、変更、削除"
-- title.zh = "专有网络 VPC 和交换机变更"
-- why = """
-- A VPC and its vSwitches decide which resources can reach each other. Compare the change with the plan of the
-- network, and ask the principal if it is not in it. DeletionProtection turns the protection of a network resource
-- on or off; protection says which."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(json_param(request_parameters, 'VpcId'), json_param(request_parameters, 'InstanceId')) AS target_id,
    json_param(request_parameters, 'VSwitchId') AS vswitch_id,
    coalesce(
        json_param(request_parameters, 'CidrBlock'),
        json_param(request_parameters, 'SecondaryCidrBlock')
    ) AS cidr_block,
    json_param(request_parameters, 'ProtectionEnable') AS protection,
    error_code,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name IN (
        'CreateVpc', 'DeleteVpc', 'DisableVpcClassicLink', 'EnableVpcClassicLink', 'DeletionProtection',
        'AssociateVpcCidrBlock', 'UnassociateVpcCidrBlock', 'RevokeInstanceFromCen', 'CreateVSwitch', 'DeleteVSwitch'
    )
  AND service IN ('ecs', 'vpc')
ORDER BY event_time, event_id
