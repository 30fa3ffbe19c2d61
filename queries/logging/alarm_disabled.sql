-- /// view
-- name = "alarm_disabled"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1562.006"]
-- source = "peer"
-- title.en = "CloudMonitor alert rules disabled or deleted"
-- title.ja = "CloudMonitor アラートルールの無効化、削除"
-- title.zh = "云监控报警规则的禁用和删除"
-- why = """
-- Nobody is told any more of what these rules watched. Ask for the ticket behind it, and enable the rules again. Then
-- look at what this principal did afterwards, when nobody was told."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    array_to_string(coalesce(
        json_params(request_parameters, 'RuleId.*'),
        json_params(request_parameters, 'Id.*')
    ), ', ') AS rule_ids,
    access_key_id,
    user_agent,
    error_code,
    event_id
FROM audit_events
WHERE event_name IN ('DisableMetricRules', 'DeleteMetricRules')
  AND service = 'cms'
ORDER BY event_time, event_id
