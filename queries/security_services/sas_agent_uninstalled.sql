-- /// view
-- name = "sas_agent_uninstalled"
-- severity = "high"
-- kind = "match"
-- attack = ["T1562.001"]
-- cis = ["8.2"]
-- source = "peer"
-- title.en = "Uninstallation of the Security Center agent requested"
-- title.ja = "Security Center エージェントのアンインストール要求"
-- title.zh = "云安全中心客户端卸载请求"
-- why = """
-- Security Center no longer watches these servers once the agent is gone. Install it again unless the servers
-- are retired, and look for malware on them. The row tells that it was asked for, not that it was done."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    cardinality(string_to_array(json_param(request_parameters, 'Uuids'), ',')) AS servers,
    json_param(request_parameters, 'Uuids') AS server_uuids,
    error_code,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name = 'AddUninstallClientsByUuids'
  AND service IN ('aegis', 'sas')
ORDER BY event_time, event_id
