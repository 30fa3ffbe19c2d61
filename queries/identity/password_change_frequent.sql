-- /// view
-- name = "password_change_frequent"
-- severity = "high"
-- kind = "threshold"
-- attack = ["T1098"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.abnormal_pwd_mod_cnt", "insight:PasswordChangeInsight"]
-- title.en = "Frequent password changes by one principal"
-- title.ja = "同一プリンシパルによる頻繁なパスワード変更"
-- title.zh = "同一主体短时间内多次修改密码"
-- why = """
-- A person changes a password once. Several changes in a short time point to two people with one logon, or to somebody
-- who gets around the password history. Ask the owner, and look at password_reset for the single changes."""
-- param.n = { type = "int", default = 1, help = "Number of password changes that a window exceeds" }
-- param.window = { type = "duration", default = "30m", help = "Length of a window" }
-- ///
WITH changes AS (
    SELECT
        event_time, event_id, account_id, principal, source_ip_address, outcome,
        principal_key AS burst_key, 1 AS burst_weight
    FROM audit_events
    WHERE event_name IN ('ChangePassword', 'PasswordReset', 'PasswordModify')
      AND (
        (event_name = 'ChangePassword' AND service IN ('ram', 'ims', 'aassub'))
        OR (event_name IN ('PasswordReset', 'PasswordModify') AND service = 'aascustomer')
      )
)
SELECT
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    account_id,
    count(*) AS events,
    min(principal) AS principal,
    min(source_ip_address) AS source_ip_address,
    count(DISTINCT source_ip_address) AS addresses,
    count(*) FILTER (WHERE outcome = 'success') AS succeeded,
    first_value(event_id ORDER BY event_time, event_id) AS event_id
FROM bursts(source => changes, more_than => $n, length => $window)
GROUP BY account_id, burst_key, burst
ORDER BY first_event, account_id, principal
