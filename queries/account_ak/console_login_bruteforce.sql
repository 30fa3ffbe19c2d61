-- /// view
-- name = "console_login_bruteforce"
-- severity = "high"
-- kind = "threshold"
-- attack = ["T1110.001"]
-- cis = ["2.19", "1.14"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.abnormal_login", "sls:abnormal_login"]
-- title.en = "Bursts of failed console logons of one principal"
-- title.ja = "同一プリンシパルのコンソールログオン失敗の連続"
-- title.zh = "同一主体短时间内多次登录控制台失败"
-- why = """
-- Somebody guesses the password of this principal, or a person has forgotten it. Ask the person, block the addresses,
-- and look in login_success_after_failures whether a guess was right. A row is one burst, which lasts as long as
-- some window of the given length holds more failures than n."""
-- param.n = { type = "int", default = 5, help = "Number of failures that a window exceeds" }
-- param.window = { type = "duration", default = "30m", help = "Length of a window" }
-- ///
WITH failures AS (
    SELECT
        event_time, event_id, account_id, principal, source_ip_address,
        principal_key AS burst_key, 1 AS burst_weight
    FROM console_logons
    WHERE outcome <> 'success'
)
SELECT
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    account_id,
    count(*) AS events,
    min(principal) AS principal,
    min(source_ip_address) AS source_ip_address,
    count(DISTINCT source_ip_address) AS addresses,
    first_value(event_id ORDER BY event_time, event_id) AS event_id
FROM bursts(source => failures, more_than => $n, length => $window)
GROUP BY account_id, burst_key, burst
ORDER BY first_event, account_id, principal
