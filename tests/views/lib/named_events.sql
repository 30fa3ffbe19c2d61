-- /// view
-- name = "named_events"
-- why = "Shows that a parameter of each type can be used."
-- param.names = { type = "list", default = [], help = "Names of events" }
-- ///
SELECT *
FROM events
WHERE array_has($names, event_name)
