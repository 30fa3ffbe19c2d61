-- /// view
-- name = "cfw_protection_disabled"
-- severity = "high"
-- kind = "match"
-- attack = ["T1562.007"]
-- cis = ["2.8"]
-- source = "actiontrail-template"
-- parity = ["template:disabling of Cloud Firewall", "alert:cis.at.cfw_assets_protec_off"]
-- title.en = "Cloud Firewall switched off for assets"
-- title.ja = "Cloud Firewall によるアセット保護の無効化"
-- title.zh = "云防火墙的资产防护被关闭"
-- why = """
-- Traffic of these assets passes without inspection. Ask who approved it, switch the protection on again, and
-- look at cfw_policy_changed next. An empty list of assets with scope assets means a whole region or type of
-- assets."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    CASE event_name WHEN 'PutDisableAllFwSwitch' THEN 'all' ELSE 'assets' END AS scope,
    coalesce(
        array_to_string(json_params(request_parameters, 'IpaddrList.*'), ','),
        array_to_string(resource_ids(resource_type, resource_name, 'ACS::CloudFirewall::Asset'), ',')
    ) AS assets,
    array_to_string(json_params(request_parameters, 'RegionList.*'), ',') AS regions,
    error_code,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name IN ('PutDisableFwSwitch', 'PutDisableAllFwSwitch')
  AND service = 'cloudfw'
ORDER BY event_time, event_id
