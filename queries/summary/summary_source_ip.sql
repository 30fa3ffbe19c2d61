-- /// view
-- name = "summary_source_ip"
-- severity = "info"
-- kind = "summary"
-- source = "peer"
-- title.en = "What came from each source address"
-- title.ja = "送信元 IP アドレス別の集計"
-- title.zh = "按源 IP 地址汇总"
-- why = """
-- One line for each address, to see which are unknown. Many principals or accounts behind one unknown address deserve a
-- look. Names such as ecs.aliyuncs.com are services, and Internal is the network of Alibaba Cloud."""
-- ///
SELECT
    source_ip_address,
    source_kind,
    count(*) AS events,
    count(*) FILTER (WHERE outcome <> 'success') AS failed,
    count(*) FILTER (WHERE event_rw = 'Write') AS writes,
    count(*) FILTER (WHERE event_name = 'ConsoleSignin') AS logons,
    count(*) FILTER (WHERE event_name = 'ConsoleSignin' AND outcome <> 'success') AS failed_logons,
    count(DISTINCT account_id) AS accounts,
    count(DISTINCT principal_key) AS principals,
    count(DISTINCT access_key_id) FILTER (WHERE access_key_kind(access_key_id) <> 'temporary') AS access_keys,
    count(DISTINCT service) AS services,
    count(DISTINCT acs_region) AS regions,
    count(DISTINCT user_agent) AS user_agents,
    min(event_time) AS first_event,
    max(event_time) AS last_event
FROM audit_events
GROUP BY source_ip_address, source_kind
ORDER BY events DESC, source_ip_address
