//! Names of columns, each once: files and JSON objects cannot tell two columns of one name apart.

use std::collections::{HashMap, HashSet};

use arrow::datatypes::{Fields, Schema, SchemaRef};

/// Returns the names of fields, each once: the second `id` is `id_1`, the third `id_2`, and names that are taken are
/// left out.
pub(super) fn unique(fields: &Fields) -> Vec<String> {
    let mut taken: HashSet<String> = fields.iter().map(|field| field.name().clone()).collect();
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut names = Vec::with_capacity(fields.len());
    for field in fields {
        let Some(number) = numbers.get_mut(field.name().as_str()) else {
            numbers.insert(field.name(), 0);
            names.push(field.name().clone());
            continue;
        };
        let free = loop {
            *number += 1;
            let name = format!("{}_{number}", field.name());
            if taken.insert(name.clone()) {
                break name;
            }
        };
        names.push(free);
    }
    names
}

/// Returns the same columns, each with a name of its own.
pub(super) fn unique_schema(schema: SchemaRef) -> SchemaRef {
    let names = unique(schema.fields());
    if schema.fields().iter().zip(&names).all(|(field, name)| field.name() == name) {
        return schema;
    }
    let fields = schema.fields().iter().zip(names).map(|(field, name)| field.as_ref().clone().with_name(name));
    Schema::new_with_metadata(fields.collect::<Fields>(), schema.metadata().clone()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::{DataType, Field};

    #[test]
    fn every_column_has_a_name_of_its_own() {
        for (names, unique) in [
            (&["a", "b"][..], &["a", "b"][..]),
            (&["a", "a", "a"], &["a", "a_1", "a_2"]),
            (&["a", "a", "a_1"], &["a", "a_2", "a_1"]),
            (&["a_1", "a", "a", "a_1"], &["a_1", "a", "a_2", "a_1_1"]),
            (&["a", "A"], &["a", "A"]),
            (&["", "", "_1"], &["", "_2", "_1"]),
            (&[], &[]),
        ] {
            let field = |name: &&str| Field::new(*name, DataType::Null, true);
            let schema = unique_schema(Schema::new(names.iter().map(field).collect::<Fields>()).into());
            assert_eq!(schema.fields().iter().map(|field| field.name()).collect::<Vec<_>>(), unique, "{names:?}");
        }
    }
}
