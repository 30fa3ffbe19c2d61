-- /// view
-- name = "ecs_events"
-- why = """
-- Events of ECS, with the columns of audit_events. instance_resources and disk_resources are the ids among the
-- resources of an event, NULL where no resource is of the type. Where resourceType is missing, as in some exports,
-- referencedResources is read instead. instance_ids is the same, or else the instances that the request names."""
-- ///
WITH typed AS (
    SELECT
        *,
        coalesce(
            resource_ids(resource_type, coalesce(resource_name, ''), 'ACS::ECS::Instance'),
            CASE WHEN resource_type IS NULL THEN json_params(referenced_resources, 'ACS::ECS::Instance.*') END
        ) AS instance_resources,
        coalesce(
            resource_ids(resource_type, coalesce(resource_name, ''), 'ACS::ECS::Disk'),
            CASE WHEN resource_type IS NULL THEN json_params(referenced_resources, 'ACS::ECS::Disk.*') END
        ) AS disk_resources
    FROM audit_events
    WHERE service = 'ecs'
)
SELECT
    *,
    coalesce(
        CASE WHEN cardinality(instance_resources) > 0 THEN instance_resources END,
        json_params(request_parameters, 'InstanceId.*'),
        json_params(request_parameters, 'InstanceIds.*'),
        CASE
            WHEN json_param(request_parameters, 'InstanceId') <> ''
                THEN make_array(json_param(request_parameters, 'InstanceId'))
        END
    ) AS instance_ids
FROM typed
