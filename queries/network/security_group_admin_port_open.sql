-- /// view
-- name = "security_group_admin_port_open"
-- severity = "critical"
-- kind = "match"
-- attack = ["T1562.007"]
-- cis = ["3.2", "4.3", "4.4"]
-- source = "cis"
-- title.en = "Administrative ports opened to every address"
-- title.ja = "すべてのアドレスに開放された管理ポート"
-- title.zh = "管理端口向所有地址开放"
-- why = """
-- Machines that guess passwords find such a port within minutes. Narrow the rule to your own networks at once, and
-- look at the logons to the instances of this group since then. Other open ports are in security_group_open_world."""
-- param.ports = { type = "list", default = ["22", "3389", "3306", "6379"], help = "Ports of which one must be open" }
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    security_group_id,
    open_ports,
    access_key_id,
    event_id
FROM security_group_open_world
WHERE covers_port(open_ports, array_to_string($ports, ','))
ORDER BY event_time, event_id
