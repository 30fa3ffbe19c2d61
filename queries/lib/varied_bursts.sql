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
-- A window is as long as a bin at most, so it lies in two neighbours, which together have all that it has. Rows far from
-- such pairs are dropped first, since windows over all rows take long. Days may have 25 hours.
WITH binned AS (
    SELECT *, CAST(event_time AS BIGINT) / (length_micros($length) * 25 / 24 + 1) AS bin
    FROM source
    WHERE event_time IS NOT NULL
),
values_in_pairs AS (
    SELECT DISTINCT account_id, burst_key, unnest([bin - 1, bin]) AS pair, burst_value
    FROM binned
    WHERE burst_value IS NOT NULL
),
full_pairs AS (
    SELECT account_id, burst_key, pair
    FROM values_in_pairs
    GROUP BY account_id, burst_key, pair
    HAVING count(*) >= $minimum AND count(*) > $more_than
),
near_bins AS (
    SELECT DISTINCT account_id, burst_key, unnest([pair, pair + 1]) AS bin
    FROM full_pairs
),
counted AS (
    SELECT binned.*, count(DISTINCT burst_value) OVER (
        PARTITION BY binned.account_id, binned.burst_key ORDER BY event_time
        RANGE BETWEEN $length PRECEDING AND CURRENT ROW
    ) AS values_before
    FROM near_bins
    JOIN binned
      ON (binned.account_id IS NOT DISTINCT FROM near_bins.account_id)
     AND (binned.burst_key IS NOT DISTINCT FROM near_bins.burst_key)
     AND (binned.bin IS NOT DISTINCT FROM near_bins.bin)
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
