-- /// view
-- name = "console_logons"
-- why = """
-- Logons to the console, with the columns of audit_events. A logon that failed has an outcome other than success,
-- also where only its message says so."""
-- ///
SELECT *
FROM audit_events
WHERE event_name = 'ConsoleSignin'
