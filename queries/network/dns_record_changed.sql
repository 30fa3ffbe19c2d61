-- /// view
-- name = "dns_record_changed"
-- severity = "low"
-- kind = "match"
-- attack = ["T1584.002"]
-- source = "peer"
-- title.en = "Public DNS records changed"
-- title.ja = "パブリック DNS レコードの追加、変更、削除"
-- title.zh = "云解析 DNS 解析记录变更"
-- why = """
-- Who changes a record sends visitors and mail to another place. Compare the value in the row with what the name
-- should lead to, and ask the principal. A record set to DISABLE stops the name. Deleted records are named by their
-- id only."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'DomainName') AS domain,
    json_param(request_parameters, 'RR') AS host_record,
    json_param(request_parameters, 'Type') AS record_type,
    coalesce(json_param(request_parameters, 'Value'), json_param(request_parameters, 'Status')) AS new_value,
    json_param(request_parameters, 'RecordId') AS record_id,
    error_code,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name IN ('AddDomainRecord', 'UpdateDomainRecord', 'DeleteDomainRecord', 'SetDomainRecordStatus')
  AND service = 'alidns'
ORDER BY event_time, event_id
