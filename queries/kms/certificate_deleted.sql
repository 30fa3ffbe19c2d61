-- /// view
-- name = "certificate_deleted"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1485"]
-- source = "actiontrail-template"
-- parity = ["template:lifecycle: KMS certificate Delete Events"]
-- title.en = "SSL certificates deleted"
-- title.ja = "SSL 証明書の削除"
-- title.zh = "SSL 证书被删除"
-- why = """
-- Sites and devices that use the certificate may fail, at the latest when it has to be deployed again. Ask
-- whether a newer one is in its place. A private key that was only stored here is lost with it."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    coalesce(
        json_param(request_parameters, 'CertId'),
        json_param(request_parameters, 'CertificateId')
    ) AS certificate_id,
    error_code,
    access_key_id,
    user_agent,
    event_id
FROM audit_events
WHERE event_name IN ('DeleteUserCertificate', 'DeleteCertificate')
  AND service IN ('cas', 'kms')
ORDER BY event_time, event_id
