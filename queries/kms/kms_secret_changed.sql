-- /// view
-- name = "kms_secret_changed"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1485"]
-- source = "peer"
-- title.en = "KMS secrets deleted or overwritten"
-- title.ja = "KMS シークレットの削除または上書き"
-- title.zh = "KMS 凭据被删除或覆盖"
-- why = """
-- Programs that read this secret get a new value, or none. Ask the owner whether it was a rotation. Restore a
-- deleted secret within recovery_days; with forced true there is no way back."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    json_param(request_parameters, 'SecretName') AS secret_name,
    lower(json_param(request_parameters, 'ForceDeleteWithoutRecovery')) = 'true' AS forced,
    json_param(request_parameters, 'RecoveryWindowInDays') AS recovery_days,
    error_code,
    access_key_id,
    event_id
FROM audit_events
WHERE event_name IN ('DeleteSecret', 'PutSecretValue', 'UpdateSecret')
  AND service = 'kms'
ORDER BY event_time, event_id
