-- /// view
-- name = "private_link_or_vpn_created"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1133"]
-- cis = ["3.4"]
-- source = "ours"
-- title.en = "VPN, VPC peering or CEN links created"
-- title.ja = "VPN、VPC ピアリング接続、CEN 接続の作成"
-- title.zh = "创建 VPN、VPC 对等连接或云企业网连接"
-- why = """
-- Another network can now reach this one without passing the internet. Check whose network is on the other side:
-- peer names it where the call does. If it is unknown, remove the link, and look in route_changed for the routes to
-- it."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(
        json_param(request_parameters, 'VpcId'),
        json_param(request_parameters, 'ChildInstanceId'),
        json_param(request_parameters, 'InstanceId'),
        json_param(request_parameters, 'VpnGatewayId'),
        json_param(request_parameters, 'TransitRouterId')
    ) AS local_id,
    coalesce(
        json_param(request_parameters, 'AcceptingAliUid'),
        json_param(request_parameters, 'CenOwnerId'),
        json_param(request_parameters, 'ChildInstanceOwnerId'),
        json_param(request_parameters, 'PeerTransitRouterId'),
        json_param(request_parameters, 'CustomerGatewayId')
    ) AS peer,
    error_code,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name IN (
        'CreateVpnConnection', 'CreateVpnGateway', 'CreateSslVpnServer', 'CreateVpcPeerConnection',
        'AttachCenChildInstance', 'GrantInstanceToCen', 'CreateTransitRouterPeerAttachment'
    )
ORDER BY event_time, event_id
