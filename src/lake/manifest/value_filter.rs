//! A Bloom filter of the values of a text column of a data file, small enough for the manifest.
//!
//! Most views ask for a few event names, in whatever case an export writes them. Rows of these names stand in few data
//! files, and no range of names tells which. So the filter holds the values in lower case.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use parquet::bloom_filter::Sbbf;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Share of the absent values for which a filter says that they may be there.
const FALSE_POSITIVES: f64 = 0.01;

/// Length of a block of a filter in bytes.
const BLOCK: usize = 32;

/// A Bloom filter of values in lower case. In JSON it is its bits in Base64.
#[derive(Debug, Clone)]
pub struct ValueFilter(Sbbf);

impl ValueFilter {
    /// Makes a filter of distinct values in lower case; `None` where there is no value.
    pub fn of<'v>(values: impl ExactSizeIterator<Item = &'v str>) -> Option<Self> {
        let distinct = u64::try_from(values.len()).ok().filter(|distinct| *distinct > 0)?;
        let mut filter = Sbbf::new_with_ndv_fpp(distinct, FALSE_POSITIVES).ok()?;
        values.for_each(|value| filter.insert(value));
        Some(Self(filter))
    }

    /// Returns `false` if no row has the value, which is given in lower case.
    pub fn may_hold(&self, value: &str) -> bool {
        self.0.check(value)
    }
}

impl Serialize for ValueFilter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bits = Vec::new();
        self.0.write_bitset(&mut bits).map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(&BASE64.encode(bits))
    }
}

impl<'de> Deserialize<'de> for ValueFilter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bits = BASE64.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)?;
        if bits.is_empty() || bits.len() % BLOCK != 0 {
            return Err(D::Error::custom(format!("a filter of {} bytes", bits.len())));
        }
        Ok(Self(Sbbf::new(&bits)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_knows_its_values_after_it_was_written() {
        let names: Vec<String> = (0..500).map(|n| format!("describe{n}")).collect();
        let made = ValueFilter::of(names.iter().map(String::as_str)).unwrap();
        let json = serde_json::to_string(&made).unwrap();
        assert!(json.len() < 1_500, "{json}");
        let read: ValueFilter = serde_json::from_str(&json).unwrap();
        assert!(names.iter().all(|name| read.may_hold(name)));
        let absent = (0..1_000).filter(|n| read.may_hold(&format!("delete{n}"))).count();
        assert!(absent < 50, "{absent}");
    }

    #[test]
    fn damaged_filters_are_errors() {
        for text in ["\"\"", "\"AAAA\"", "\"!\"", "1"] {
            assert!(serde_json::from_str::<ValueFilter>(text).is_err(), "{text}");
        }
        assert!(ValueFilter::of([].into_iter()).is_none());
    }
}
