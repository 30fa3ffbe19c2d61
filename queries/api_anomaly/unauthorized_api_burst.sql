-- /// view
-- name = "unauthorized_api_burst"
-- severity = "medium"
-- kind = "threshold"
-- attack = ["T1526"]
-- cis = ["2.16"]
-- source = "actiontrail-alert"
-- parity = ["alert:cis.at.unauth_apicall", "sls:unauth_apicall"]
-- title.en = "Bursts of refused calls to one service from one address"
-- title.ja = "同一 IP アドレスから同一サービスへの未承認の API 呼び出しの多発"
-- title.zh = "同一 IP 地址对同一云服务的未授权 API 调用激增"
-- why = """
-- A program lacks a right, or somebody tries what a stolen key may do: ask the owner of the address. See
-- permission_enumeration for one principal with many operations. The rule of SLS has a window of 2m."""
-- param.n = { type = "int", default = 5, help = "Number of refused calls that a window exceeds" }
-- param.window = { type = "duration", default = "30m", help = "Length of a window" }
-- ///
WITH refused AS (
    SELECT
        event_time, event_id, account_id, principal, source_ip_address, service, event_name, principal_key,
        refusal,
        coalesce(service, '') || ' ' || coalesce(source_ip_address, '') AS burst_key, 1 AS burst_weight
    FROM refused_calls
    WHERE event_type = 'ApiCall'
)
SELECT
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    account_id,
    count(*) AS events,
    min(principal) AS principal,
    min(source_ip_address) AS source_ip_address,
    min(service) AS service,
    count(DISTINCT event_name) AS operations,
    count(DISTINCT principal_key) AS principals,
    count(*) FILTER (WHERE refusal = 'credential') AS wrong_credentials,
    first_value(event_id ORDER BY event_time, event_id) AS event_id
FROM bursts(source => refused, more_than => $n, length => $window)
GROUP BY account_id, burst_key, burst
ORDER BY first_event, account_id, service, source_ip_address
