-- /// view
-- name = "flow_log_disabled"
-- severity = "high"
-- kind = "match"
-- attack = ["T1562.008"]
-- cis = ["2.5", "3.3"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.vpc_flowlog_off", "sls:vpc_flowlog_off"]
-- title.en = "VPC flow logs stopped or deleted"
-- title.ja = "VPC フローログの停止、削除"
-- title.zh = "VPC 流日志的停止和删除"
-- why = """
-- Traffic of the VPC, vSwitch or network interface is no longer recorded from here on. Start the flow log again, and
-- ask for the ticket. Then look in security_group_open_world and route_changed for what else was changed."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'FlowLogId') AS flow_log_id,
    access_key_id,
    error_code,
    event_id
FROM audit_events
WHERE event_name IN ('DeactiveFlowLog', 'DeleteFlowLog')
  AND service = 'vpc'
ORDER BY event_time, event_id
