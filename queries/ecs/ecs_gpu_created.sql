-- /// view
-- name = "ecs_gpu_created"
-- severity = "medium"
-- kind = "match"
-- attack = ["T1496"]
-- source = "ours"
-- title.en = "GPU instances created"
-- title.ja = "GPU インスタンスの作成"
-- title.zh = "创建 GPU 实例"
-- why = """
-- GPU instances are expensive, and whoever mines coins with a stolen key prefers them. Ask the principal for the
-- reason, and look in ecs_mass_create for others. Attempts that failed are listed too, since they are often repeated
-- elsewhere."""
-- ///
SELECT
    event_time, outcome, account_id, principal, source_ip_address, acs_region, service_name, event_name, resource_name,
    instances,
    instance_type,
    amount,
    image_id,
    access_key_id,
    event_id
FROM ecs_instance_created
WHERE regexp_like(lower(instance_type), '^ecs[.](gn|ebmgn|sgn|vgn|ga)')
ORDER BY event_time, event_id
