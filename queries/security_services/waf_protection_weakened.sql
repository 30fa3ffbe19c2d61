-- /// view
-- name = "waf_protection_weakened"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1562.001"]
-- cis = ["2.7"]
-- source = "actiontrail-template"
-- parity = ["template:lifecycle (WAF)"]
-- title.en = "WAF protection rules or domain names deleted or disabled"
-- title.ja = "WAF の保護ルールやドメイン名の削除または無効化"
-- title.zh = "WAF 防护规则或域名被删除或停用"
-- why = """
-- Requests that the rule used to stop reach the site, or the site is no longer behind WAF at all. Ask whether
-- the rule blocked too much, and look in the access log for what it blocked before. Calls that switch a rule on
-- are left out."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'Domain') AS domain,
    coalesce(json_param(request_parameters, 'RuleIds'), json_param(request_parameters, 'RuleId')) AS rule_ids,
    json_param(request_parameters, 'TemplateId') AS template_id,
    error_code,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name IN ('DeleteDefenseRule', 'ModifyDefenseRuleStatus', 'DeleteDomain')
  AND service LIKE 'waf%'
  AND (event_name <> 'ModifyDefenseRuleStatus' OR coalesce(json_param(request_parameters, 'RuleStatus'), '') <> '1')
ORDER BY event_time, event_id
