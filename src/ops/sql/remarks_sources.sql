-- Sources that say of themselves that they lack events, and sources that gave none and may hold some; by their newest
-- reading.
WITH readings AS (
    SELECT
        path,
        incomplete,
        suspicious,
        row_number() OVER (PARTITION BY source_id ORDER BY version DESC) AS reading
    FROM sources
),
remarks AS (
    SELECT 'incomplete' AS kind, path, incomplete AS why FROM readings WHERE reading = 1 AND incomplete IS NOT NULL
    UNION ALL
    SELECT 'suspicious' AS kind, path, suspicious AS why FROM readings WHERE reading = 1 AND suspicious IS NOT NULL
),
ranked AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY kind) AS total,
        row_number() OVER (PARTITION BY kind ORDER BY path, why) AS rank
    FROM remarks
)
SELECT kind, path, why, total
FROM ranked
WHERE rank <= $listed
ORDER BY kind, rank
