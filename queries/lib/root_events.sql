-- /// view
-- name = "root_events"
-- why = """
-- Events of the Alibaba Cloud account (root). The filter is on the type of identity alone, so that a question with it
-- reads the files that keep root's rows once more."""
-- ///
SELECT *
FROM events
WHERE user_identity_type = 'root-account'
