-- Calls of root that stand out, by kind and by the thing concerned. Account Logon writes the changes of the account
-- itself. A key that is made without a user is one of root; IMS names a user in another parameter than RAM does.
WITH called AS (
    SELECT
        nullif(account_id, '') AS account_id,
        lower(service_name) AS service_key,
        lower(event_name) AS name_key,
        event_name,
        coalesce(request_parameters, request_parameter_json) AS parameters,
        response_elements,
        nullif(resource_name, '') AS resource_name,
        nullif(source_ip_address, '') AS address,
        outcome,
        event_time,
        event_id,
        source_id
    FROM events
    WHERE user_identity_type = 'root-account'
        AND event_time >= $since AND event_time < $until
        AND (
            lower(service_name) IN ('aascustomer', 'ram', 'ims', 'oss')
            OR event_name IN ('AuthorizeSecurityGroup', 'RunCommand', 'InvokeCommand')
        )
        AND lower(event_name) IN (
            'emailmodify', 'helpemailmodify', 'mobilebind', 'mobilemodify', 'passwordmodify', 'passwordreset', 'mfabind',
            'mfaunbind', 'protectionadd', 'createaccesskey', 'updateaccesskey', 'deleteaccesskey', 'createuser',
            'createloginprofile', 'updateloginprofile', 'authorizesecuritygroup', 'putbucketacl', 'putbucketpolicy',
            'deletebucketpublicaccessblock', 'putbucketpublicaccessblock', 'runcommand', 'invokecommand'
        )
),
read AS (
    SELECT
        *,
        coalesce(nullif(json_param(parameters, 'UserName'), ''), nullif(json_param(parameters, 'UserPrincipalName'), ''))
            AS user_name,
        coalesce(
            json_param(parameters, 'UserAccessKeyId'),
            json_param(response_elements, 'AccessKey.AccessKeyId'),
            resource_name
        ) AS access_key_id,
        lower(json_param(parameters, 'Status')) AS status,
        coalesce(json_param(parameters, 'acl'), json_param(parameters, 'x-oss-acl')) AS acl,
        coalesce(json_param(parameters, 'bucketName'), json_param(parameters, 'BucketName'), resource_name) AS bucket
    FROM called
),
told AS (
    SELECT
        *,
        CASE
            WHEN service_key = 'aascustomer' THEN CASE
                WHEN name_key IN ('emailmodify', 'helpemailmodify') THEN 'mail_changed'
                WHEN name_key IN ('mobilebind', 'mobilemodify') THEN 'phone_changed'
                WHEN name_key IN ('passwordmodify', 'passwordreset') THEN 'password_changed'
                WHEN name_key = 'mfabind' THEN 'mfa_bound'
                WHEN name_key = 'mfaunbind' THEN 'mfa_unbound'
                WHEN name_key = 'protectionadd' THEN 'protection_changed'
            END
            WHEN service_key IN ('ram', 'ims') THEN CASE
                WHEN name_key = 'createaccesskey' AND user_name IS NULL THEN 'root_key_created'
                WHEN name_key = 'createaccesskey' THEN 'user_key_created'
                WHEN name_key = 'deleteaccesskey' AND user_name IS NULL THEN 'root_key_deleted'
                WHEN name_key = 'updateaccesskey' AND user_name IS NULL AND status = 'inactive' THEN 'root_key_disabled'
                WHEN name_key = 'updateaccesskey' AND user_name IS NULL AND status = 'active' THEN 'root_key_enabled'
                WHEN name_key = 'createuser' THEN 'user_created'
                WHEN name_key IN ('createloginprofile', 'updateloginprofile') THEN 'login_profile_set'
            END
            WHEN service_key = 'ecs' AND name_key IN ('runcommand', 'invokecommand') THEN 'command_run'
            WHEN service_key = 'ecs' AND name_key = 'authorizesecuritygroup'
                AND regexp_like(
                    parameters,
                    '"(permissions\.\d+\.)?(ipv6)?sourcecidrip"\s*:\s*"(0\.0\.0\.0/0|::/0)"', 'i'
                )
                AND (
                    NOT regexp_like(parameters, '"(permissions\.\d+\.)?policy"\s*:\s*"drop"', 'i')
                    OR regexp_like(parameters, '"(permissions\.\d+\.)?policy"\s*:\s*"accept"', 'i')
                ) THEN 'opened_to_world'
            WHEN service_key = 'oss' AND (
                (name_key = 'putbucketacl' AND lower(acl) IN ('public-read', 'public-read-write'))
                OR (name_key = 'putbucketpolicy'
                    AND regexp_like(parameters, 'effect\\*"\s*:\s*\\*"allow', 'i')
                    AND regexp_like(parameters, 'principal\\*"\s*:\s*\[?\s*\\*"\*', 'i'))
                OR name_key = 'deletebucketpublicaccessblock'
                OR (name_key = 'putbucketpublicaccessblock'
                    AND lower(json_param(parameters, 'BlockPublicAccess')) = 'false')
            ) THEN 'made_public'
        END AS kind
    FROM read
),
named AS (
    SELECT
        account_id,
        kind,
        event_name,
        CASE
            WHEN kind IN ('root_key_created', 'root_key_enabled', 'root_key_disabled', 'root_key_deleted')
                THEN access_key_id
            WHEN kind IN ('user_created', 'login_profile_set', 'user_key_created') THEN user_name
            WHEN kind = 'opened_to_world' THEN coalesce(json_param(parameters, 'SecurityGroupId'), resource_name)
            WHEN kind = 'made_public' THEN bucket
        END AS target,
        CASE
            WHEN kind = 'user_key_created' THEN access_key_id
            WHEN kind = 'opened_to_world' THEN array_to_string(
                regexp_match(parameters, '"(?:Permissions\.\d+\.)?PortRange"\s*:\s*"([^"]*)"', 'i'), ', '
            )
            WHEN kind = 'made_public' AND name_key = 'putbucketacl' THEN acl
        END AS detail,
        address,
        outcome,
        event_time,
        event_id,
        source_id
    FROM told
    WHERE kind IS NOT NULL
),
found AS (
    SELECT
        account_id,
        kind,
        event_name,
        target,
        detail,
        count(*) FILTER (WHERE outcome = 'success') AS succeeded,
        count(*) FILTER (WHERE outcome <> 'success') AS failed,
        min(event_time) AS first,
        max(event_time) AS last,
        first_value(address ORDER BY event_time, event_id) AS address,
        first_events(event_time, event_id, source_id, $ids) AS first_events
    FROM named
    GROUP BY 1, 2, 3, 4, 5
),
ranked AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY account_id) AS total,
        row_number() OVER (PARTITION BY account_id ORDER BY succeeded > 0 DESC, first, kind, target, detail) AS place
    FROM found
)
SELECT *
FROM ranked
WHERE place <= $listed
ORDER BY account_id, first, place
