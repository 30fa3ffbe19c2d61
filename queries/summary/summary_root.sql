-- /// view
-- name = "summary_root"
-- severity = "info"
-- kind = "summary"
-- cis = ["1.1"]
-- source = "source-documents"
-- title.en = "What the Alibaba Cloud account (root) did, by kind, service and event"
-- title.ja = "Alibaba Cloud アカウント (root) の操作の概要（種類、サービス、イベント別）"
-- title.zh = "阿里云账号（主账号）操作概览（按类别、服务和事件）"
-- why = """
-- One look at all that the root account did in scope. Rows of kind access_key and write should not be there at
-- all; those of kind logon should be few and known."""
-- ///
SELECT
    account_id,
    CASE
        WHEN event_name IN ('ConsoleSignin', 'ConsoleSignout') THEN 'logon'
        WHEN access_key_kind(user_identity_access_key_id) IS NOT NULL THEN 'access_key'
        WHEN event_rw = 'Write' THEN 'write'
        ELSE 'other'
    END AS kind,
    min(service_name) AS service_name,
    event_name,
    event_rw,
    count(*) AS events,
    count(*) FILTER (WHERE outcome = 'success') AS succeeded,
    count(*) FILTER (WHERE outcome <> 'success') AS failed,
    count(DISTINCT source_ip_address) AS addresses,
    min(event_time) AS first_event,
    max(event_time) AS last_event
FROM root_events
GROUP BY 1, 2, lower(service_name), 4, 5
ORDER BY account_id, kind, events DESC, service_name, event_name, event_rw
