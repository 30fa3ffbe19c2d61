-- /// view
-- name = "ram_users_same_client"
-- severity = "medium"
-- kind = "threshold"
-- attack = ["T1078.004"]
-- source = "source-documents"
-- title.en = "RAM users that act from one address with one user agent, close together in time"
-- title.ja = "短時間に同じ IP アドレスと同じユーザーエージェントから操作した複数の RAM ユーザー"
-- title.zh = "短时间内从同一 IP 地址以同一 User-Agent 操作的多个 RAM 用户"
-- why = """
-- One browser or program acts as several RAM users, or as a RAM user and root: a shared user, or somebody who holds the
-- credentials of others. Colleagues behind one gateway look alike, so name its networks with except. Calls that the
-- console makes carry the console's own user agent and are left out; logons and calls with AccessKeys count."""
-- param.n = { type = "count", default = 2, help = "Minimum number of different users within one window" }
-- param.window = { type = "duration", default = "30m", help = "Length of a window" }
-- param.except = { type = "cidr_list", default = [], help = "Networks whose addresses many people share" }
-- ///
WITH acts AS (
    SELECT *, source_ip_address || ' ' || user_agent AS burst_key, principal_key AS burst_value
    FROM audit_events
    WHERE user_identity_type IN ('ram-user', 'root-account')
      AND outcome = 'success'
      AND source_kind IN ('ipv4', 'ipv6')
      AND user_agent <> ''
      AND user_agent NOT LIKE '%.aliyun.com%'
      AND user_agent NOT LIKE '%.aliyuncs.com%'
      AND user_agent <> 'AliyunConsole'
      AND NOT in_cidr(source_ip_address, $except)
)
SELECT
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    account_id,
    count(*) AS events,
    array_to_string(array_slice(array_sort(array_agg(DISTINCT principal)), 1, 5), ', ') AS principal,
    min(source_ip_address) AS source_ip_address,
    count(DISTINCT burst_value) AS users,
    min(user_agent) AS user_agent,
    first_value(event_id ORDER BY event_time, event_id) AS event_id
FROM varied_bursts(source => acts, minimum => $n, length => $window)
GROUP BY account_id, burst_key, burst
ORDER BY first_event, account_id, source_ip_address, user_agent
