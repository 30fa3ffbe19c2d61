-- /// view
-- name = "insight_or_data_events_off"
-- severity = "high"
-- kind = "match"
-- attack = ["T1562.008"]
-- source = "ours"
-- title.en = "Recording of Insight events and data events changed or turned off"
-- title.ja = "Insight イベントとデータイベントの記録の変更、無効化"
-- title.zh = "Insight 事件和数据事件记录的修改和关闭"
-- why = """
-- Insight events and data events may be missing from here on. A selector is replaced as a whole, so compare the new one
-- with the one before. Ask for the ticket, and look at what this principal did before in trail_changed."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(
        json_param(request_parameters, 'TrailName'),
        json_param(request_parameters, 'Name')
    ) AS trail_name,
    access_key_id,
    error_code,
    event_id
FROM audit_events
WHERE event_name IN ('DisableInsight', 'DeleteDataEventSelector', 'PutDataEventSelector', 'PutInsightSelectors')
  AND service = 'actiontrail'
ORDER BY event_time, event_id
