//! `resource_ids(resource_type, resource_name, 'ACS::ECS::Disk')`: the ids of an event's resources of one type.
//!
//! Types and names are parallel lists with semicolons between types and commas between the ids of one type. NULL where
//! no resource is of the type.

use super::of_texts::{Compute, of_texts};
use datafusion::logical_expr::ScalarUDF;

/// Makes the function.
pub fn resource_ids() -> ScalarUDF {
    of_texts("resource_ids", 3, Compute::List(|texts| ids(texts.first()?, texts.get(1)?, texts.get(2)?)))
}

fn ids(types: &str, names: &str, wanted: &str) -> Option<Vec<String>> {
    let is_wanted = |(_, kind): &(usize, &str)| kind.trim().eq_ignore_ascii_case(wanted);
    let places: Vec<usize> = types.split(';').enumerate().filter(is_wanted).map(|(at, _)| at).collect();
    let lists: Vec<&str> = names.split(';').collect();
    let of_type = places.iter().filter_map(|at| lists.get(*at));
    let ids = of_type.flat_map(|list| list.split(',')).map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned);
    (!places.is_empty()).then(|| ids.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_parallel() {
        let (disk, instance) = ("ACS::ECS::Disk", "ACS::ECS::Instance");
        for (types, names, wanted, expected) in [
            (disk, "d-1", disk, Some(&["d-1"][..])),
            ("ACS::ECS::Instance;ACS::ECS::Disk", "i-1,i-2;d-1", disk, Some(&["d-1"])),
            ("ACS::ECS::Instance;ACS::ECS::Disk", "i-1,i-2;d-1", instance, Some(&["i-1", "i-2"])),
            ("ACS::ECS::Instance;ACS::ECS::Disk", "i-1", disk, Some(&[])),
            ("ACS::ECS::DiskX", "d-1", disk, None),
            ("", "", disk, None),
        ] {
            let expected = expected.map(|ids| ids.iter().map(ToString::to_string).collect::<Vec<_>>());
            assert_eq!(ids(types, names, wanted), expected, "{types} {names} {wanted}");
        }
    }
}
