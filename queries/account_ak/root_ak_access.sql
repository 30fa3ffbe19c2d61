-- /// view
-- name = "root_ak_access"
-- severity = "high"
-- kind = "match"
-- attack = ["T1078.004"]
-- cis = ["1.2"]
-- source = "actiontrail-template"
-- parity = ["template:Alibaba Cloud account: AccessKey calls", "alert:cis.at.root_ak_usage", "sls:root_ak_usage"]
-- title.en = "Calls signed with an AccessKey of the Alibaba Cloud account (root)"
-- title.ja = "Alibaba Cloud アカウント (root) の AccessKey によるアクセス"
-- title.zh = "阿里云账号（主账号）使用 AccessKey 访问事件"
-- why = """
-- A root AccessKey gives whoever holds it the whole account. Find out where the key is kept, move its users to RAM
-- roles and delete it. key_kind tells a key that was made for root (long-term) from that of a session (temporary);
-- unknown says that the id does not tell, as where it is masked."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    access_key_id,
    access_key_kind(access_key_id) AS key_kind,
    event_rw,
    user_agent,
    resource_type,
    error_code,
    event_id
FROM audit_events
WHERE user_identity_type = 'root-account'
  AND access_key_kind(access_key_id) IS NOT NULL
ORDER BY event_time, event_id
