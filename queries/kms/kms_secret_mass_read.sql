-- /// view
-- name = "kms_secret_mass_read"
-- severity = "high"
-- kind = "threshold"
-- attack = ["T1555.006"]
-- source = "peer"
-- title.en = "One principal reads many different KMS secrets"
-- title.ja = "同一プリンシパルによる多数の KMS シークレットの読み取り"
-- title.zh = "同一主体读取大量不同的 KMS 凭据"
-- why = """
-- Whoever holds a stolen key reads all secrets within reach, so ask whether the program behind the address needs
-- so many. If nobody knows it, disable the key, and rotate every secret that was read. Look at ak_new_ip next."""
-- param.n = { type = "count", default = 5, help = "Minimum number of different secrets within one window" }
-- param.window = { type = "duration", default = "1h", help = "Length of a window" }
-- ///
WITH reads AS (
    SELECT
        event_time, event_id, account_id, principal, source_ip_address, access_key_id,
        principal_key AS burst_key,
        -- A secret belongs to a region: the same name in two regions is two secrets.
        coalesce(acs_region, '') || '/'
            || coalesce(json_param(request_parameters, 'SecretName'), nullif(resource_name, '')) AS burst_value
    FROM audit_events
    WHERE event_name = 'GetSecretValue'
      AND service = 'kms'
      AND outcome = 'success'
)
SELECT
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    account_id,
    count(*) AS events,
    min(principal) AS principal,
    min(source_ip_address) AS source_ip_address,
    count(DISTINCT source_ip_address) AS addresses,
    count(DISTINCT burst_value) AS secrets,
    min(access_key_id) AS access_key_id,
    first_value(event_id ORDER BY event_time, event_id) AS event_id
FROM varied_bursts(source => reads, minimum => $n, length => $window)
GROUP BY account_id, burst_key, burst
ORDER BY first_event, account_id, principal, event_id
