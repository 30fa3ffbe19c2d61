-- /// view
-- name = "cfw_policy_changed"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1562.007"]
-- cis = ["2.11"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.cloudfirewall_conf_change", "sls:cloudfirewall_conf_change"]
-- title.en = "Access control policies of Cloud Firewall changed"
-- title.ja = "Cloud Firewall のアクセス制御ポリシーの変更"
-- title.zh = "云防火墙访问控制策略变更"
-- why = """
-- A policy that accepts more opens a way into the network, and a deleted one that dropped traffic does the same.
-- Compare the policy with the change request, and restore it if there is none. in_cis marks policies of VPC
-- borders, the only ones that the benchmark names; the others guard the internet border."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    event_name LIKE '%VpcFirewallControlPolicy' AS in_cis,
    json_param(request_parameters, 'AclAction') AS acl_action,
    json_param(request_parameters, 'Source') AS policy_source,
    json_param(request_parameters, 'Destination') AS policy_destination,
    error_code,
    event_id
FROM audit_events
WHERE event_name IN (
        'CreateVpcFirewallControlPolicy', 'ModifyVpcFirewallControlPolicy', 'DeleteVpcFirewallControlPolicy',
        'AddControlPolicy', 'ModifyControlPolicy', 'DeleteControlPolicy'
    )
  AND service = 'cloudfw'
ORDER BY event_time, event_id
