-- /// view
-- name = "summary_event"
-- severity = "info"
-- kind = "summary"
-- source = "peer"
-- title.en = "Events by service and name"
-- title.ja = "サービスとイベント名別の集計"
-- title.zh = "按云服务和事件名称汇总"
-- why = """
-- One line for each event of a service, the most frequent first. Read it from its end for what was done once only,
-- and look in summary_principal at who acts. Events before 2020-12-16 do not say whether they read or write."""
-- ///
SELECT
    service,
    event_name,
    event_rw,
    count(*) AS events,
    count(*) FILTER (WHERE outcome <> 'success') AS failed,
    count(*) FILTER (WHERE outcome = 'denied') AS denied,
    count(DISTINCT account_id) AS accounts,
    count(DISTINCT principal_key) AS principals,
    count(DISTINCT source_ip_address) AS addresses,
    min(event_time) AS first_event,
    max(event_time) AS last_event
FROM audit_events
GROUP BY service, event_name, event_rw
ORDER BY events DESC, service, event_name, event_rw
