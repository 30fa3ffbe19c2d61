-- /// view
-- name = "refused_calls"
-- why = """
-- Calls that were refused, with the columns of audit_events. refusal is permission where the caller lacks a right,
-- and credential where key, token or signature are wrong."""
-- ///
SELECT
    *,
    CASE WHEN outcome = 'denied' THEN 'permission' ELSE 'credential' END AS refusal
FROM audit_events
WHERE outcome = 'denied'
   OR split_part(btrim(error_code, ' "'), '.', 1) IN (
       'InvalidAccessKeyId', 'InvalidSecurityToken', 'SignatureDoesNotMatch', 'InvalidAuthorization'
   )
