-- /// view
-- name = "audit_events"
-- why = """
-- Events with the columns that findings share. principal is the name of who acted, for people. principal_key tells
-- principals of one account apart, for PARTITION BY and GROUP BY, since a RAM user has one name at a logon and
-- another in a call. service is the service in small letters."""
-- ///
SELECT
    *,
    coalesce(
        nullif(user_identity_user_name, ''),
        user_identity_principal_id,
        nullif(additional_event_data_login_account, ''),
        user_identity_type
    ) AS principal,
    coalesce(
        user_identity_principal_id,
        nullif(user_identity_user_name, ''),
        nullif(additional_event_data_login_account, '')
    ) AS principal_key,
    user_identity_access_key_id AS access_key_id,
    lower(service_name) AS service
FROM events
