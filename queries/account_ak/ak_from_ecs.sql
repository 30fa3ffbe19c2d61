-- /// view
-- name = "ak_from_ecs"
-- severity = "medium"
-- kind = "threshold"
-- attack = ["T1552.001"]
-- source = "source-documents"
-- title.en = "AccessKeys used from inside Alibaba Cloud, where an instance role would do"
-- title.ja = "インスタンスロールで代替できる、Alibaba Cloud 内部から使用された AccessKey"
-- title.zh = "在阿里云内部使用、可由实例角色替代的 AccessKey"
-- why = """
-- A long-term key lies in a file or a variable of an instance, where everybody who gets into it finds it. Attach a RAM
-- role to the instance, let the program use its temporary credentials, and delete the key. seen_as says how the call
-- shows it: its VPC (vpc), Internal (internal), a private address (private), or an address that is named with
-- instances (instance). Containers, functions and machines behind a VPN may look alike."""
-- param.n = { type = "count", default = 1, help = "Minimum number of calls with a key" }
-- param.instances = { type = "cidr_list", default = [], help = "Public addresses of your instances" }
-- ///
WITH calls AS (
    SELECT
        *,
        CASE
            WHEN vpc_id <> '' THEN 'vpc'
            WHEN source_kind = 'internal' THEN 'internal'
            WHEN in_cidr(source_ip_address, ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']) THEN 'private'
            WHEN in_cidr(source_ip_address, $instances) THEN 'instance'
        END AS seen_as
    FROM audit_events
    WHERE user_identity_type IN ('ram-user', 'root-account')
      AND outcome = 'success'
      AND access_key_kind(access_key_id) = 'long-term'
)
SELECT
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    account_id,
    count(*) AS events,
    min(principal) AS principal,
    min(source_ip_address) AS source_ip_address,
    count(DISTINCT source_ip_address) AS addresses,
    access_key_id,
    seen_as,
    min(vpc_id) AS vpc_id,
    count(DISTINCT service) AS services,
    min(user_agent) AS user_agent,
    first_value(event_id ORDER BY event_time, event_id) AS event_id
FROM calls
WHERE seen_as IS NOT NULL
GROUP BY account_id, access_key_id, seen_as
HAVING count(*) >= $n
ORDER BY first_event, account_id, access_key_id, seen_as
