-- What the lake holds as a whole.
SELECT
    (SELECT count(*) FROM sources) AS sources,
    (SELECT min(event_time) FROM events) AS oldest_event,
    (SELECT max(event_time) FROM events) AS newest_event
