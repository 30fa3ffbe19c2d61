-- name: root_high_frequency
-- title.en: Days with frequent operations by the Alibaba Cloud account (root)
-- title.ja: Alibaba Cloud アカウント (root) の操作が多い日
-- title.zh: 阿里云账号（主账号）高频操作的日期
-- category: account_ak
-- severity: medium
-- attack: T1078.004
-- cis: 1.1
-- source: source-documents
-- why: Many operations on one day mean that the root account is used for daily work, or that a program holds its AccessKey. The days are those of the time zone given with --tz.
-- param: n int 100 Least number of operations on one day
SELECT
    CAST(date_trunc('day', event_time) AS DATE) AS day,
    account_id,
    count(*) AS operations,
    count(*) FILTER (WHERE event_rw = 'Write') AS writes,
    count(*) FILTER (WHERE outcome <> 'success') AS failed,
    count(DISTINCT lower(service_name)) AS services,
    count(DISTINCT source_ip_address) AS addresses,
    min(event_time) AS first_event,
    max(event_time) AS last_event
FROM events
WHERE user_identity_type = 'root-account'
GROUP BY 1, 2
HAVING count(*) >= $n
ORDER BY day, account_id
