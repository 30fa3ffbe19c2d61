-- /// view
-- name = "unread_values"
-- severity = "medium"
-- kind = "summary"
-- source = "source-documents"
-- title.en = "Events with a time, an identity or an account that cannot be read"
-- title.ja = "時刻、ID、アカウントを読み取れないイベント"
-- title.zh = "时间、身份或账号无法读取的事件"
-- why = """
-- Views and reports cannot count what these events do not say. One without a time is in no range, so it is listed
-- whatever the range. Look at the text that came, and ingest its file again with --csv-tz where only the time zone
-- is missing."""
-- ///
WITH unread_events AS (
    SELECT * FROM events WHERE unread IS NOT NULL AND event_time IS NOT NULL
    UNION ALL
    SELECT * FROM undated_events
),
files_read AS (
    SELECT source_id, min(path) AS path FROM sources GROUP BY source_id
)
SELECT
    unread_events.unread AS unread,
    event_time,
    json_param(extra, 'eventTime') AS time_as_it_came,
    json_param(extra, 'userIdentity') AS identity_as_it_came,
    event_name,
    user_identity_type,
    account_id,
    event_id,
    files_read.path AS path,
    source_member,
    source_record
FROM unread_events
LEFT JOIN files_read ON files_read.source_id = unread_events.source_id
ORDER BY event_time NULLS FIRST, path, source_record
