-- /// view
-- name = "root_ecs_write"
-- severity = "high"
-- kind = "match"
-- attack = ["T1078.004"]
-- cis = ["1.1"]
-- source = "source-documents"
-- title.en = "ECS management done with the Alibaba Cloud account (root)"
-- title.ja = "Alibaba Cloud アカウント (root) による ECS 管理操作"
-- title.zh = "阿里云账号（主账号）的 ECS 管理操作"
-- why = """
-- Instances made, changed or released with the root account bypass every RAM policy, the one against root as
-- initial login user too. Look at what was created and whether it is still there."""
-- ///
SELECT *
FROM root_resource_write
WHERE lower(service_name) = 'ecs'
ORDER BY event_time, event_id
