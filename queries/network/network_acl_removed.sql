-- /// view
-- name = "network_acl_removed"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1562.007"]
-- source = "peer"
-- title.en = "Network ACLs deleted, detached or rewritten"
-- title.ja = "ネットワーク ACL の削除、関連付けの解除、ルールの更新"
-- title.zh = "删除、解绑网络 ACL 或更新其规则"
-- why = """
-- A network ACL is what stops traffic at the border of a vSwitch. Compare its rules with those of before, and bind
-- it again where it is missing. Events hold no earlier rules: take them from your configuration. The view
-- security_group_changed shows the other filter."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'NetworkAclId') AS network_acl_id,
    array_to_string(json_params(request_parameters, 'Resource.*.ResourceId'), ',') AS vswitches,
    json_param(request_parameters, 'UpdateIngressAclEntries') AS ingress_updated,
    json_param(request_parameters, 'UpdateEgressAclEntries') AS egress_updated,
    error_code,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name IN ('DeleteNetworkAcl', 'UnassociateNetworkAcl', 'UpdateNetworkAclEntries')
  AND service = 'vpc'
ORDER BY event_time, event_id
