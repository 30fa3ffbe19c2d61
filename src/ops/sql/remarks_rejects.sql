-- Records that could not be read, by source, with the times of the events that the source gave; the worst sources
-- first.
WITH bad AS (
    SELECT source_id, min(path) AS path, count(*) AS records
    FROM rejects
    GROUP BY source_id
),
times AS (
    SELECT source_id, min(event_time) AS first, max(event_time) AS last
    FROM events
    WHERE source_id IN (SELECT source_id FROM bad)
    GROUP BY source_id
),
dated AS (
    SELECT
        bad.path,
        bad.records,
        times.first,
        times.last,
        CASE
            WHEN times.first IS NULL THEN 'unknown'
            WHEN times.last >= $since AND times.first < $until THEN 'around'
            ELSE 'elsewhere'
        END AS place
    FROM bad
    LEFT JOIN times ON bad.source_id = times.source_id
),
ranked AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY place) AS sources,
        sum(records) OVER (PARTITION BY place) AS all_records,
        min(first) OVER (PARTITION BY place) AS all_first,
        max(last) OVER (PARTITION BY place) AS all_last,
        row_number() OVER (PARTITION BY place ORDER BY records DESC, path) AS rank
    FROM dated
)
SELECT place, path, records, first, last, sources, all_records, all_first, all_last
FROM ranked
WHERE rank <= $listed
ORDER BY place, rank
