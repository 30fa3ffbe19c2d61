-- The events of a value, counted by one thing that they have in common: one row for each of its most frequent values.
-- `total` says how many of them there are. Together the parts give what `page.sql` gives, with a scan for each.
WITH matching AS ({matching}),
counted AS (
    SELECT
        {columns},
        count(*) AS events,
        count(*) FILTER (WHERE access = 'Write') AS writes,
        count(*) FILTER (WHERE outcome = 'denied') AS denied,
        count(*) FILTER (WHERE outcome NOT IN ('success', 'denied')) AS errors,
        min(event_time) AS first_event,
        max(event_time) AS last_event
    FROM matching
    WHERE {present} IS NOT NULL
    GROUP BY {columns}
),
ranked AS (
    SELECT
        *,
        count(*) OVER ({ranks}) AS total,
        row_number() OVER ({ranks} ORDER BY {first} DESC, events DESC, first_event, {columns}) AS place
    FROM counted
)
SELECT '{part}' AS part, *
FROM ranked
WHERE place <= $most
ORDER BY {order}
