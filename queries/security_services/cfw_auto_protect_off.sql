-- /// view
-- name = "cfw_auto_protect_off"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1562.007"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.cfw_assets_auto_protec_off"]
-- title.en = "Automatic protection of new assets by Cloud Firewall switched off"
-- title.ja = "Cloud Firewall による新規アセットの自動保護の無効化"
-- title.zh = "云防火墙的新增资产自动保护被关闭"
-- why = """
-- Assets that are added from now on stay outside the firewall until somebody adds them by hand. Switch it on
-- again, and look in ecs_public_exposure for addresses that were added since."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    error_code,
    access_key_id,
    user_agent,
    event_id
FROM audit_events
WHERE event_name = 'SetAutoProtectNewAssets'
  AND service = 'cloudfw'
  AND lower(json_param(request_parameters, 'AutoProtect')) = 'false'
ORDER BY event_time, event_id
