-- /// view
-- name = "sas_tamper_protection_off"
-- severity = "high"
-- kind = "match"
-- attack = ["T1562.001"]
-- cis = ["8.4"]
-- source = "actiontrail-alert"
-- parity = [
--     "alert:cis.at.sas_webshell_detection",
--     "alert:cis.at.sas_webshell_unbind",
--     "sls:sas_webshell_detection",
--     "sls:sas_webshell_unbind",
-- ]
-- title.en = "Web tamper proofing of servers switched off or unbound"
-- title.ja = "Web 改ざん防止の無効化またはサーバーのバインド解除"
-- title.zh = "网页防篡改防护被关闭或服务器被解绑"
-- why = """
-- Files of the site on this server can be changed from now on. Ask for the maintenance that needs it, and look
-- for new or changed pages. Look at sas_agent_uninstalled next."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'Uuid') AS server_uuid,
    json_param(request_parameters, 'Status') AS status,
    error_code,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name IN ('ModifyWebLockStatus', 'ModifyWebLockUnbind')
  AND service IN ('aegis', 'sas')
  AND (event_name = 'ModifyWebLockUnbind' OR lower(json_param(request_parameters, 'Status')) = 'off')
ORDER BY event_time, event_id
