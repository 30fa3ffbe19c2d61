-- /// view
-- name = "mining_pattern"
-- severity = "high"
-- kind = "threshold"
-- attack = ["T1496"]
-- source = "peer"
-- title.en = "Several steps of cryptocurrency mining from one address on one day"
-- title.ja = "同一 IP アドレスから同日に行われた複数の暗号資産マイニング関連操作"
-- title.zh = "同一 IP 地址同一天内执行多种疑似挖矿操作"
-- why = """
-- Miners run commands, start instances, open groups and make keys; failed attempts count. Look at the instances, and
-- disable the principal while nobody knows the address. The list of events is ours, after the example of Alibaba
-- Cloud's skill for mining."""
-- param.n = { type = "count", default = 3, help = "Minimum number of different events on one day" }
-- param.steps = { type = "list", default = ["RunCommand", "InvokeCommand", "CreateCommand", "SendFile", "RunInstances",
-- "CreateInstance", "CreateInstances", "StartInstance", "StartInstances", "AuthorizeSecurityGroup",
-- "AuthorizeSecurityGroupEgress", "CreateAccessKey", "CreateUser", "AttachPolicyToUser", "CreateLoginProfile",
-- "ReplaceSystemDisk"], help = "Names of the events" }
-- ///
WITH steps AS (
    SELECT
        CAST(date_trunc('day', event_time) AS DATE) AS day,
        account_id,
        source_ip_address,
        event_name,
        min(event_time) AS first_step,
        max(event_time) AS last_step,
        count(*) AS times,
        count(*) FILTER (WHERE outcome <> 'success') AS failed,
        min(principal) AS principal,
        first_value(event_id ORDER BY event_time, event_id) AS first_id
    FROM audit_events
    WHERE array_has($steps, event_name)
      AND source_ip_address IS NOT NULL
    GROUP BY 1, 2, 3, 4
),
-- Few have enough: their names are put together after the others are gone.
counted AS (
    SELECT *, count(*) OVER (PARTITION BY account_id, source_ip_address, day) AS different
    FROM steps
)
SELECT
    min(first_step) AS first_event,
    max(last_step) AS last_event,
    account_id,
    sum(times) AS events,
    min(principal) AS principal,
    source_ip_address,
    day,
    count(*) AS steps,
    string_agg(event_name, ',' ORDER BY event_name) AS event_names,
    sum(failed) AS failed,
    first_value(first_id ORDER BY first_step, first_id) AS event_id
FROM counted
WHERE different >= $n
GROUP BY account_id, source_ip_address, day
ORDER BY first_event, account_id, source_ip_address, day
