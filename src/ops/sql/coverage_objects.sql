-- Every object of a trail in OSS that was read, by its path; of several readings the newest comes last.
SELECT path, read
FROM sources
WHERE path LIKE '%Actiontrail%'
ORDER BY path, version
