-- /// view
-- name = "nat_or_dnat_exposed"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1133"]
-- source = "ours"
-- title.en = "NAT gateways, NAT entries or IPv4 gateways created"
-- title.ja = "NAT ゲートウェイ、DNAT / SNAT エントリ、IPv4 ゲートウェイの作成"
-- title.zh = "创建 NAT 网关、DNAT 或 SNAT 条目、IPv4 网关"
-- why = """
-- A DNAT entry lets the internet reach a port inside; SNAT and gateways let the inside reach the internet. Check the
-- addresses and ports in the row against what was asked for. The view ecs_public_exposure shows instances with a
-- public address of their own."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'ExternalIp') AS external_ip,
    json_param(request_parameters, 'ExternalPort') AS external_port,
    json_param(request_parameters, 'InternalIp') AS internal_ip,
    json_param(request_parameters, 'InternalPort') AS internal_port,
    coalesce(json_param(request_parameters, 'SourceCIDR'), json_param(request_parameters, 'SourceVSwitchId')) AS source,
    error_code,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name IN ('CreateForwardEntry', 'CreateNatGateway', 'CreateSnatEntry', 'CreateIpv4Gateway')
  AND service = 'vpc'
ORDER BY event_time, event_id
