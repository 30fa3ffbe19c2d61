//! JSON text in one form, whatever the order of keys and the white space: the slow obvious way, to compare by.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// Levels that are put in order; what lies deeper keeps its order.
const MAX_DEPTH: usize = 40;

/// `json` with sorted keys and without white space. Numbers stay as they are written; texts are unescaped where a text
/// can hold what they stand for. Members of the same key stay in their order.
pub fn canonical(json: &str) -> String {
    let mut out = String::new();
    push(&mut out, json.trim(), 0);
    out
}

/// The members of an object in their order; `None` where `json` is none.
pub fn members(json: &str) -> Option<Vec<(String, &str)>> {
    let pairs: Pairs<'_> = serde_json::from_str(json).ok()?;
    Some(pairs.0.into_iter().map(|(key, value)| (key, value.get())).collect())
}

fn push(out: &mut String, json: &str, depth: usize) {
    match json.as_bytes().first() {
        Some(b'{') if depth < MAX_DEPTH => {
            if let Some(mut members) = members(json) {
                members.sort_by(|(a, _), (b, _)| a.cmp(b));
                out.push('{');
                for (key, value) in members {
                    out.push_str(&format!("{key:?}:"));
                    push(out, value, depth + 1);
                    out.push(',');
                }
                out.push('}');
                return;
            }
        }
        Some(b'[') if depth < MAX_DEPTH => {
            if let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(json) {
                out.push('[');
                for item in items {
                    push(out, item.get(), depth + 1);
                    out.push(',');
                }
                out.push(']');
                return;
            }
        }
        Some(b'"') => {
            if let Ok(text) = serde_json::from_str::<String>(json) {
                out.push_str(&format!("{text:?}"));
                return;
            }
        }
        _ => {}
    }
    push_squeezed(out, json);
}

fn push_squeezed(out: &mut String, json: &str) {
    let (mut in_string, mut escaped) = (false, false);
    for c in json.chars() {
        if in_string || !matches!(c, ' ' | '\t' | '\r' | '\n') {
            out.push(c);
        }
        if escaped {
            escaped = false;
        } else if c == '"' {
            in_string = !in_string;
        } else {
            escaped = in_string && c == '\\';
        }
    }
}

struct Pairs<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor;
        impl<'de> Visitor<'de> for PairsVisitor {
            type Value = Pairs<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(PairsVisitor)
    }
}
