-- /// view
-- name = "route_changed"
-- severity = "low"
-- kind = "match"
-- attack = ["T1565.002"]
-- cis = ["2.12"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.vpc_route_change", "sls:vpc_route_change"]
-- title.en = "Routes changed"
-- title.ja = "ルートとルートテーブルの関連付けの変更"
-- title.zh = "路由变更"
-- why = """
-- A route can send traffic past a firewall, or to an instance that listens. Check where the next hop leads and who
-- asked for it. CreateRouteEntries, which adds several at once, is not among the published names and not listed."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'RouteTableId') AS route_table_id,
    json_param(request_parameters, 'DestinationCidrBlock') AS destination,
    json_param(request_parameters, 'NextHopType') AS next_hop_type,
    json_param(request_parameters, 'NextHopId') AS next_hop_id,
    error_code,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name IN (
        'CreateRouteEntry', 'DeleteRouteEntry', 'ModifyRouteEntry', 'AssociateRouteTable', 'UnassociateRouteTable'
    )
  AND service IN ('ecs', 'vpc')
ORDER BY event_time, event_id
