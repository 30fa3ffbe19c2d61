-- /// view
-- name = "security_group_open_world"
-- severity = "high"
-- kind = "match"
-- attack = ["T1562.007"]
-- cis = ["3.5"]
-- source = "cis"
-- title.en = "Security groups opened to every address"
-- title.ja = "すべてのアドレスに開放されたセキュリティグループ"
-- title.zh = "安全组向所有地址开放"
-- why = """
-- Every address of the internet reaches the ports in open_ports on all instances of this group. Ask what has to be
-- reached from where, and narrow the rule to that. Rules that drop, and rules for networks, are left out."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'SecurityGroupId') AS security_group_id,
    array_to_string(world_open_ports(request_parameters), ',') AS open_ports,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name IN ('AuthorizeSecurityGroup', 'ModifySecurityGroupRule')
  AND service = 'ecs'
  AND outcome = 'success'
  AND world_open_ports(request_parameters) IS NOT NULL
ORDER BY event_time, event_id
