-- Events that lack a time, and events of which another field came with a value that could not be read.
WITH named AS (
    -- Two scans, of which each passes over the days that it does not need.
    SELECT 'time' AS kind, '' AS fields, source_id, source_record, event_id, event_name
    FROM events
    WHERE event_time IS NULL
    UNION ALL
    SELECT 'field' AS kind, unread AS fields, source_id, source_record, event_id, event_name
    FROM events
    WHERE nullif(unread, '') IS NOT NULL AND event_time >= $since AND event_time < $until
),
ranked AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY kind) AS total,
        row_number() OVER (PARTITION BY kind ORDER BY source_id, source_record) AS rank
    FROM named
)
SELECT kind, fields, event_id, event_name, paths.path, total
FROM ranked
LEFT JOIN (SELECT source_id, min(path) AS path FROM sources GROUP BY source_id) AS paths USING (source_id)
WHERE rank <= $listed
ORDER BY kind, rank
