-- /// view
-- name = "cfw_log_off"
-- severity = "high"
-- kind = "match"
-- attack = ["T1562.008"]
-- cis = ["2.8"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.cfw_log_off"]
-- title.en = "Log analysis of Cloud Firewall switched off"
-- title.ja = "Cloud Firewall のログ分析の無効化"
-- title.zh = "云防火墙的日志分析被关闭"
-- why = """
-- Traffic is no longer recorded, so what happens from now on leaves no trace in the firewall. Switch the
-- delivery on again. Look at cfw_protection_disabled and trail_stopped for other traces that were cut at the
-- same time."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'DispatchValue') AS log_type,
    error_code,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name = 'ModifySlsDispatchStatus'
  AND service = 'cloudfw'
  AND lower(json_param(request_parameters, 'EnableStatus')) = 'false'
ORDER BY event_time, event_id
