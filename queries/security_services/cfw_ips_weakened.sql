-- /// view
-- name = "cfw_ips_weakened"
-- severity = "high"
-- kind = "match"
-- attack = ["T1562.001"]
-- source = "actiontrail-alert"
-- parity = [
--     "alert:cis.at.cfw_basic_rule_off",
--     "alert:cis.at.cfw_ai_off",
--     "alert:cis.at.cfw_ti_off",
--     "alert:cis.at.cfw_patch_off",
--     "alert:cis.at.cfw_obs_mode",
--     "alert:cis.at.cfw_loose_block",
-- ]
-- title.en = "Intrusion prevention of Cloud Firewall weakened"
-- title.ja = "Cloud Firewall の侵入防止（IPS）設定の弱体化"
-- title.zh = "云防火墙的入侵防御（IPS）配置被削弱"
-- why = """
-- Attacks that the firewall used to block pass from now on, or are only logged. Restore the settings named in
-- weakened, and look for attacks in the time between. The published rule takes rule class 2 for loose, but in
-- the API class 1 is loose and 2 medium: both are listed."""
-- ///
WITH calls AS (
    SELECT
        *,
        concat_ws(
            ',',
            CASE WHEN json_param(request_parameters, 'BasicRules') = '0' THEN 'basic_rules_off' END,
            CASE WHEN json_param(request_parameters, 'CtiRules') = '0' THEN 'threat_intelligence_off' END,
            CASE WHEN json_param(request_parameters, 'PatchRules') = '0' THEN 'virtual_patching_off' END,
            CASE WHEN json_param(request_parameters, 'AiRules') = '0' THEN 'ai_rules_off' END,
            CASE WHEN json_param(request_parameters, 'RunMode') = '0' THEN 'monitor_mode' END,
            CASE json_param(request_parameters, 'RuleClass') WHEN '1' THEN 'loose' WHEN '2' THEN 'medium' END
        ) AS weakened
    FROM audit_events
    WHERE event_name = 'ModifyDefaultIPSConfig'
      AND service = 'cloudfw'
)
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    weakened,
    error_code,
    access_key_id,
    event_id
FROM calls
WHERE weakened <> ''
ORDER BY event_time, event_id
