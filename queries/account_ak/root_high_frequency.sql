-- /// view
-- name = "root_high_frequency"
-- severity = "medium"
-- kind = "threshold"
-- attack = ["T1078.004"]
-- cis = ["1.1"]
-- source = "source-documents"
-- title.en = "Days with frequent operations by the Alibaba Cloud account (root)"
-- title.ja = "Alibaba Cloud アカウント (root) の操作が多い日"
-- title.zh = "阿里云账号（主账号）高频操作的日期"
-- why = """
-- Many operations on one day mean that the root account is used for daily work, or that a program holds its
-- AccessKey. The days are those of the time zone given with --tz."""
-- param.n = { type = "count", default = 100, help = "Minimum number of operations on one day" }
-- ///
WITH root AS (
    SELECT CAST(date_trunc('day', event_time) AS DATE) AS day, *
    FROM root_events
),
-- Distinct values are counted for the days in question only: that takes more than all else.
busy AS (
    SELECT day, account_id
    FROM root
    GROUP BY 1, 2
    HAVING count(*) >= $n
)
SELECT
    root.day AS day,
    root.account_id AS account_id,
    count(*) AS operations,
    count(*) FILTER (WHERE event_rw = 'Write') AS writes,
    count(*) FILTER (WHERE outcome <> 'success') AS failed,
    count(DISTINCT lower(service_name)) AS services,
    count(DISTINCT source_ip_address) AS addresses,
    min(event_time) AS first_event,
    max(event_time) AS last_event
FROM root
JOIN busy ON (root.day IS NOT DISTINCT FROM busy.day) AND (root.account_id IS NOT DISTINCT FROM busy.account_id)
GROUP BY 1, 2
ORDER BY day, account_id
