-- /// view
-- name = "config_rules_deleted"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1562.001"]
-- source = "peer"
-- title.en = "Cloud Config rules and compliance packages stopped or deleted"
-- title.ja = "Cloud Config のルールとコンプライアンスパッケージの停止、削除"
-- title.zh = "配置审计规则与合规包的停用和删除"
-- why = """
-- What the rules watched is no longer checked. Ask for the ticket behind it, and set up the rules again. Then look at
-- what else this principal changed in trail_changed and alarm_disabled."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(
        json_param(request_parameters, 'ConfigRuleIds'),
        json_param(request_parameters, 'CompliancePackIds')
    ) AS rule_ids,
    json_param(request_parameters, 'AggregatorId') AS aggregator_id,
    access_key_id,
    error_code,
    event_id
FROM audit_events
WHERE event_name IN (
        'DeleteConfigRules', 'StopConfigRules', 'DeactiveConfigRules', 'DeleteCompliancePacks',
        'DeleteAggregateConfigRules', 'DeactiveAggregateConfigRules', 'DeleteAggregateCompliancePacks'
    )
  AND service = 'config'
ORDER BY event_time, event_id
