-- /// view
-- name = "varied_bursts"
-- why = """
-- Rows of a table with many different values that stand close together: a row belongs to a burst if some window of
-- the given length holds it and enough different values of burst_value. burst numbers the bursts of one
-- account_id and burst_key. The table has account_id, burst_key, burst_value and event_time."""
-- param.source = { type = "table", help = "Rows to look at" }
-- param.minimum = { type = "int", default = 1, help = "Minimum number of different values within one window" }
-- param.more_than = { type = "int", default = 0, help = "The same as a number that is exceeded" }
-- param.length = { type = "duration", default = "30m", help = "Length of a window, both of its ends included" }
-- ///
WITH counted AS (
    SELECT *, count(DISTINCT burst_value) OVER (
        PARTITION BY account_id, burst_key ORDER BY event_time
        RANGE BETWEEN $length PRECEDING AND CURRENT ROW
    ) AS values_before
    FROM source
    WHERE event_time IS NOT NULL
),
-- The window that holds enough may end at a later row.
highest AS (
    SELECT *, max(values_before) OVER (
        PARTITION BY account_id, burst_key ORDER BY event_time
        RANGE BETWEEN CURRENT ROW AND $length FOLLOWING
    ) AS highest
    FROM counted
),
spaced AS (
    SELECT *, lag(event_time) OVER (PARTITION BY account_id, burst_key ORDER BY event_time) AS time_before
    FROM highest
    WHERE highest >= $minimum AND highest > $more_than
)
SELECT *, sum(CASE WHEN event_time <= time_before + $length THEN 0 ELSE 1 END) OVER (
    PARTITION BY account_id, burst_key ORDER BY event_time
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
) AS burst
FROM spaced
