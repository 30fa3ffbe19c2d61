-- /// view
-- name = "ecs_public_exposure"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1133"]
-- source = "peer"
-- title.en = "Public addresses given to instances"
-- title.ja = "インスタンスへのパブリック IP アドレスまたは EIP の割り当て"
-- title.zh = "为实例分配公网 IP 或绑定弹性公网 IP"
-- why = """
-- The instance can be reached from the internet, as far as its security groups allow. Ask whether it has to be, and
-- look in security_group_open_world for groups that are open to everybody. An EIP may also be bound to something
-- else than an instance; bound_to says to what."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(
        array_to_string(resource_ids(resource_type, resource_name, 'ACS::ECS::Instance'), ','),
        json_param(request_parameters, 'InstanceId')
    ) AS instances,
    CASE
        WHEN event_name = 'AssociateEipAddress'
            THEN coalesce(json_param(request_parameters, 'InstanceType'), 'EcsInstance')
        ELSE 'EcsInstance'
    END AS bound_to,
    coalesce(json_param(request_parameters, 'AllocationId'), json_param(request_parameters, 'IpAddress')) AS address,
    json_param(request_parameters, 'InternetMaxBandwidthOut') AS bandwidth_out,
    error_code,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name IN ('AllocatePublicIpAddress', 'AssociateEipAddress', 'RunInstances', 'CreateInstance')
  AND service IN ('ecs', 'vpc')
  AND (
      event_name IN ('AllocatePublicIpAddress', 'AssociateEipAddress')
      OR TRY_CAST(json_param(request_parameters, 'InternetMaxBandwidthOut') AS BIGINT) > 0
  )
ORDER BY event_time, event_id
