//! Types of values as Presto names them: `varchar`, `bigint`, `array(double)`, `map(varchar, bigint)`, `row(a bigint)`.
//!
//! `sls_typeof(value)` names the type of a value.

use super::super::udf;
use super::json::is_marked;
use super::map::map_type;
use arrow::datatypes::{DataType, Field, Fields, TimeUnit};
use datafusion::common::{plan_err, utils::take_function_args};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use datafusion::scalar::ScalarValue;
use std::fmt;

/// The deepest nesting of a type.
const DEEPEST: usize = 16;

/// A type of Presto.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SlsType {
    /// Text, of so many characters at most.
    Varchar(Option<usize>),
    Bigint,
    Integer,
    Smallint,
    Tinyint,
    Double,
    Real,
    /// Digits, and those behind the point.
    Decimal(u8, i8),
    Boolean,
    Date,
    /// A time without a zone; also read for one with a zone.
    Timestamp,
    Time,
    Varbinary,
    Json,
    Array(Box<SlsType>),
    Map(Box<SlsType>, Box<SlsType>),
    Row(Vec<(String, SlsType)>),
}

impl SlsType {
    /// Reads the name of a type.
    pub(super) fn parse(text: &str) -> Result<Self> {
        match Self::read(text.trim(), DEEPEST) {
            Some(kind) => Ok(kind),
            None => plan_err!("not a type such as `bigint` or `array(varchar)`: `{text}`"),
        }
    }

    fn read(text: &str, depth: usize) -> Option<Self> {
        let depth = depth.checked_sub(1)?;
        let lower = text.to_ascii_lowercase();
        let (name, inside) = match lower.split_once('(') {
            Some((name, _)) => {
                let inside = text.get(name.len() + 1..)?.trim_end().strip_suffix(')')?;
                (name.trim_end(), Some(inside))
            }
            None => (lower.as_str(), None),
        };
        let inside = inside.map(parts);
        let number = |at: usize| inside.as_ref().and_then(|parts| parts.get(at)?.trim().parse::<u8>().ok());
        Some(match (name, inside.as_deref()) {
            ("varchar" | "char" | "string" | "text", None) => Self::Varchar(None),
            ("varchar" | "char", Some([length])) => Self::Varchar(Some(length.trim().parse().ok()?)),
            ("bigint" | "long", None) => Self::Bigint,
            ("integer" | "int", None) => Self::Integer,
            ("smallint", None) => Self::Smallint,
            ("tinyint", None) => Self::Tinyint,
            ("double" | "double precision", None) => Self::Double,
            ("real" | "float", None) => Self::Real,
            ("decimal" | "numeric", None) => Self::Decimal(38, 0),
            ("decimal" | "numeric", Some([_])) => Self::Decimal(number(0)?.clamp(1, 38), 0),
            ("decimal" | "numeric", Some([_, _])) => {
                let digits = number(0)?.clamp(1, 38);
                Self::Decimal(digits, i8::try_from(number(1)?.min(digits)).ok()?)
            }
            ("boolean" | "bool", None) => Self::Boolean,
            ("date", None) => Self::Date,
            ("timestamp" | "timestamp with time zone" | "timestamp without time zone", None) => Self::Timestamp,
            ("time", None) => Self::Time,
            ("varbinary", None) => Self::Varbinary,
            ("json", None) => Self::Json,
            ("array", Some([item])) => Self::Array(Box::new(Self::read(item.trim(), depth)?)),
            ("map", Some([key, value])) => {
                Self::Map(Box::new(Self::read(key.trim(), depth)?), Box::new(Self::read(value.trim(), depth)?))
            }
            ("row", Some(members)) => {
                let member = |(at, text): (usize, &&str)| {
                    let text = text.trim();
                    let named = text.split_once(char::is_whitespace).and_then(|(name, kind)| {
                        Some((name.trim_matches('"').to_owned(), Self::read(kind.trim(), depth)?))
                    });
                    named.or_else(|| Some((format!("c{at}"), Self::read(text, depth)?)))
                };
                Self::Row(members.iter().enumerate().map(member).collect::<Option<_>>()?)
            }
            _ => return None,
        })
    }

    /// Returns the type in Arrow.
    pub(super) fn arrow(&self) -> DataType {
        match self {
            Self::Varchar(_) | Self::Json => DataType::Utf8View,
            Self::Bigint => DataType::Int64,
            Self::Integer => DataType::Int32,
            Self::Smallint => DataType::Int16,
            Self::Tinyint => DataType::Int8,
            Self::Double => DataType::Float64,
            Self::Real => DataType::Float32,
            Self::Decimal(digits, scale) => DataType::Decimal128(*digits, *scale),
            Self::Boolean => DataType::Boolean,
            Self::Date => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::Time => DataType::Time64(TimeUnit::Microsecond),
            Self::Varbinary => DataType::Binary,
            Self::Array(item) => DataType::new_list(item.arrow(), true),
            Self::Map(key, value) => map_type(&key.arrow(), &value.arrow()),
            Self::Row(members) => {
                let member = |(name, kind): &(String, Self)| Field::new(name, kind.arrow(), true);
                DataType::Struct(members.iter().map(member).collect::<Fields>())
            }
        }
    }

    /// Returns `true` for arrays, maps and rows.
    pub(super) fn is_nested(&self) -> bool {
        matches!(self, Self::Array(_) | Self::Map(..) | Self::Row(_))
    }

    /// Returns `true` for types of whole numbers.
    pub(super) fn is_whole(&self) -> bool {
        matches!(self, Self::Bigint | Self::Integer | Self::Smallint | Self::Tinyint)
    }
}

/// Returns the parts of a text between the commas that stand in no parentheses.
fn parts(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0usize, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

impl fmt::Display for SlsType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Varchar(Some(length)) => write!(f, "varchar({length})"),
            Self::Decimal(digits, scale) => write!(f, "decimal({digits},{scale})"),
            Self::Row(members) => {
                let members: Vec<String> = members.iter().map(|(name, kind)| format!("{name} {kind}")).collect();
                write!(f, "row({})", members.join(", "))
            }
            Self::Array(item) => write!(f, "array({item})"),
            Self::Map(key, value) => write!(f, "map({key}, {value})"),
            Self::Varchar(None) => f.write_str("varchar"),
            Self::Bigint => f.write_str("bigint"),
            Self::Integer => f.write_str("integer"),
            Self::Smallint => f.write_str("smallint"),
            Self::Tinyint => f.write_str("tinyint"),
            Self::Double => f.write_str("double"),
            Self::Real => f.write_str("real"),
            Self::Boolean => f.write_str("boolean"),
            Self::Date => f.write_str("date"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::Time => f.write_str("time"),
            Self::Varbinary => f.write_str("varbinary"),
            Self::Json => f.write_str("json"),
        }
    }
}

/// Returns the name that Presto has for a type of Arrow.
pub(super) fn name_of(kind: &DataType) -> String {
    use DataType::*;
    match kind {
        Null => "unknown".to_owned(),
        Boolean => "boolean".to_owned(),
        Int8 => "tinyint".to_owned(),
        Int16 | UInt8 => "smallint".to_owned(),
        Int32 | UInt16 => "integer".to_owned(),
        kind if kind.is_integer() => "bigint".to_owned(),
        Float16 | Float32 => "real".to_owned(),
        Float64 => "double".to_owned(),
        Decimal128(digits, scale) => format!("decimal({digits},{scale})"),
        Date32 | Date64 => "date".to_owned(),
        Timestamp(_, None) => "timestamp".to_owned(),
        Timestamp(_, Some(_)) => "timestamp with time zone".to_owned(),
        Time32(_) | Time64(_) => "time".to_owned(),
        Binary | LargeBinary | BinaryView => "varbinary".to_owned(),
        Dictionary(_, values) => name_of(values),
        List(item) | LargeList(item) => format!("array({})", name_of(item.data_type())),
        Map(entries, _) => match entries.data_type() {
            Struct(parts) => {
                let parts: Vec<String> = parts.iter().map(|part| name_of(part.data_type())).collect();
                format!("map({})", parts.join(", "))
            }
            _ => "map".to_owned(),
        },
        Struct(members) => {
            let named =
                |member: &arrow::datatypes::FieldRef| format!("{} {}", member.name(), name_of(member.data_type()));
            format!("row({})", members.iter().map(named).collect::<Vec<_>>().join(", "))
        }
        kind if kind.is_string() => "varchar".to_owned(),
        Interval(_) | Duration(_) => "interval day to second".to_owned(),
        other => other.to_string().to_lowercase(),
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct TypeOf {
    signature: Signature,
}

/// Makes the function.
pub(super) fn type_of() -> ScalarUDF {
    udf(TypeOf { signature: Signature::any(1, Volatility::Immutable) })
}

impl ScalarUDFImpl for TypeOf {
    fn name(&self) -> &str {
        "sls_typeof"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _kinds: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_json = arguments.arg_fields.first().is_some_and(|field| is_marked(field));
        let [value] = take_function_args(self.name(), arguments.args)?;
        let name = if is_json { "json".to_owned() } else { name_of(&value.data_type()) };
        Ok(ColumnarValue::Scalar(ScalarValue::Utf8View(Some(name))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_and_written() {
        for (text, expected) in [
            ("VARCHAR", Some("varchar")),
            ("varchar ( 10 )", Some("varchar(10)")),
            ("Array( bigint )", Some("array(bigint)")),
            ("map(varchar,array(double))", Some("map(varchar, array(double))")),
            ("row(a bigint, double)", Some("row(a bigint, c1 double)")),
            ("decimal(10, 2)", Some("decimal(10,2)")),
            ("timestamp with time zone", Some("timestamp")),
            ("array", None),
            ("array(", None),
            ("map(varchar)", None),
            ("nothing", None),
            ("", None),
        ] {
            assert_eq!(SlsType::parse(text).ok().map(|kind| kind.to_string()).as_deref(), expected, "{text}");
        }
        let deep = format!("{}bigint{}", "array(".repeat(1000), ")".repeat(1000));
        assert!(SlsType::parse(&deep).is_err());
    }
}
