-- /// view
-- name = "summary_access_key"
-- severity = "info"
-- kind = "summary"
-- source = "peer"
-- title.en = "What each AccessKey did, from where and with what"
-- title.ja = "AccessKey 別の使用状況（サービス、IP アドレス、失敗）"
-- title.zh = "按 AccessKey 汇总的使用情况（云服务、IP 地址、失败）"
-- why = """
-- One line for each AccessKey, to see before it is replaced where it is used, and after a leak what it did. Every
-- session has a temporary key (STS) of its own; these are listed with temporary = true only. principals above 1 means
-- a masked id that several keys share."""
-- param.temporary = { type = "bool", default = false, help = "Whether keys of sessions (STS) are listed too" }
-- ///
SELECT
    account_id,
    access_key_id,
    access_key_kind(access_key_id) AS key_kind,
    min(principal) AS principal,
    count(DISTINCT principal_key) AS principals,
    count(*) AS events,
    count(*) FILTER (WHERE outcome <> 'success') AS failed,
    count(*) FILTER (WHERE event_rw = 'Write') AS writes,
    count(DISTINCT service) AS services,
    count(DISTINCT service || ':' || event_name) AS operations,
    count(DISTINCT acs_region) AS regions,
    count(DISTINCT source_ip_address) AS addresses,
    count(DISTINCT user_agent) AS user_agents,
    min(event_time) AS first_event,
    max(event_time) AS last_event
FROM audit_events
WHERE access_key_kind(access_key_id) IN ('long-term', 'unknown')
   OR ($temporary AND access_key_kind(access_key_id) = 'temporary')
GROUP BY account_id, access_key_id
ORDER BY events DESC, account_id, access_key_id
