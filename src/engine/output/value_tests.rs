//! Every type that a column can have, in every format: alone, inside of every type that holds others, sliced, empty and
//! all null.

use std::sync::Arc;

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use arrow::array::types::*;
use arrow::array::*;
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{
    DataType, Field, FieldRef, Fields, IntervalDayTime, IntervalMonthDayNano, Schema, TimeUnit, UnionFields, UnionMode,
    i256,
};
use arrow::record_batch::RecordBatch;
use bytes::Bytes;

use super::parquet::DEEPEST as DEEPEST_IN_PARQUET;
use super::value::{self, DEEPEST};
use super::{OutputError, OutputFormat, OutputStyle, Rows, escape, write};

/// A value in all its forms.
#[derive(Debug, Clone)]
struct Forms {
    /// As CSV, tables and Markdown show it, before they make it harmless; `None` for null.
    text: Option<String>,
    json: String,
    /// The same two of what Parquet gives back.
    read_text: Option<String>,
    read_json: String,
}

impl Forms {
    fn new(text: &str, json: &str) -> Self {
        let (text, json) = (Some(text.to_owned()), json.to_owned());
        Self { read_text: text.clone(), read_json: json.clone(), text, json }
    }

    fn null() -> Self {
        Self { text: None, json: "null".to_owned(), read_text: None, read_json: "null".to_owned() }
    }

    /// Returns a value without parts, which is text in JSON.
    fn text(text: &str) -> Self {
        Self::new(text, &serde_json::to_string(text).unwrap())
    }

    fn same(text: &str) -> Self {
        Self::new(text, text)
    }

    /// Returns a value that Parquet holds as this text.
    fn read_as_text(self, text: &str) -> Self {
        Self { read_text: Some(text.to_owned()), read_json: serde_json::to_string(text).unwrap(), ..self }
    }

    fn read_as_null(self) -> Self {
        Self { read_text: None, read_json: "null".to_owned(), ..self }
    }

    /// Returns a value that has this one as a part.
    fn inside(&self, outer: impl Fn(&str) -> String) -> Self {
        let (json, read_json) = (outer(&self.json), outer(&self.read_json));
        // Only JSON makes this harmless as JSON does; other formats do it in their own ways, or need not.
        let text = |json: &str| Some(json.replace("\\u202e", "\u{202e}"));
        Self { text: text(&json), read_text: text(&read_json), json, read_json }
    }
}

struct Case {
    name: String,
    field: Field,
    array: ArrayRef,
    rows: Vec<Forms>,
}

impl Case {
    fn new(name: &str, array: impl Array + 'static, rows: Vec<Forms>) -> Self {
        Self::of(name, Arc::new(array), rows)
    }

    fn of(name: &str, array: ArrayRef, rows: Vec<Forms>) -> Self {
        let field = Field::new("v", array.data_type().clone(), true);
        Self { name: name.to_owned(), field, array, rows }
    }

    fn slice(&self, offset: usize, length: usize) -> Self {
        let (array, rows) = (self.array.slice(offset, length), self.rows[offset..offset + length].to_vec());
        Self { name: format!("{} from {offset}", self.name), field: self.field.clone(), array, rows }
    }

    fn batch(&self) -> RecordBatch {
        RecordBatch::try_new(Arc::new(Schema::new(vec![self.field.clone()])), vec![self.array.clone()]).unwrap()
    }
}

/// Numbers, which look the same everywhere, around a null.
fn numbers(name: &str, array: impl Array + 'static, shown: &[&str]) -> Case {
    let rows = shown.iter().map(|text| if text.is_empty() { Forms::null() } else { Forms::same(text) });
    Case::new(name, array, rows.collect())
}

/// Returns values that are text in JSON; an empty text is a null.
fn texts(name: &str, array: impl Array + 'static, shown: &[&str]) -> Case {
    let rows = shown.iter().map(|text| if text.is_empty() { Forms::null() } else { Forms::text(text) });
    Case::new(name, array, rows.collect())
}

fn integers() -> Vec<Case> {
    vec![
        Case::new("Null", NullArray::new(2), vec![Forms::null(), Forms::null()]),
        numbers("Boolean", BooleanArray::from(vec![Some(true), None, Some(false)]), &["true", "", "false"]),
        numbers("Int8", Int8Array::from(vec![Some(i8::MIN), None, Some(7)]), &["-128", "", "7"]),
        numbers("Int16", Int16Array::from(vec![Some(i16::MIN), None]), &["-32768", ""]),
        numbers("Int32", Int32Array::from(vec![Some(i32::MIN), None]), &["-2147483648", ""]),
        numbers("Int64", Int64Array::from(vec![Some(i64::MIN), None]), &["-9223372036854775808", ""]),
        numbers("UInt8", UInt8Array::from(vec![Some(u8::MAX), None]), &["255", ""]),
        numbers("UInt16", UInt16Array::from(vec![Some(u16::MAX), None]), &["65535", ""]),
        numbers("UInt32", UInt32Array::from(vec![Some(u32::MAX), None]), &["4294967295", ""]),
        numbers("UInt64", UInt64Array::from(vec![Some(u64::MAX), None]), &["18446744073709551615", ""]),
    ]
}

fn fractions() -> Vec<Case> {
    let floats = || {
        let odd = ["NaN", "inf", "-inf"].map(|text| Forms::new(text, "null"));
        [Forms::same("0.5"), Forms::null()].into_iter().chain(odd).collect::<Vec<_>>()
    };
    let singles = vec![Some(0.5), None, Some(f32::NAN), Some(f32::INFINITY), Some(f32::NEG_INFINITY)];
    let half = <Float16Type as ArrowPrimitiveType>::Native::from_f32;
    let halves: Vec<_> = singles.iter().map(|single| single.map(half)).collect();
    let doubles = vec![Some(0.5), None, Some(f64::NAN), Some(f64::INFINITY), Some(f64::NEG_INFINITY)];
    let shift = |text| vec![Forms::same(text).read_as_text(text), Forms::null()];
    vec![
        Case::new("Float16", Float16Array::from(halves), floats()),
        Case::new("Float32", Float32Array::from(singles), floats()),
        Case::new("Float64", Float64Array::from(doubles), floats()),
        Case::new("large Float64", Float64Array::from(vec![1e300]), vec![Forms::new("1e300", "1e+300")]),
        numbers("Decimal32", decimal::<Decimal32Type>(-12_345, 9, 3), &["-12.345", ""]),
        numbers("Decimal64", decimal::<Decimal64Type>(5, 18, 3), &["0.005", ""]),
        numbers(
            "Decimal128",
            decimal::<Decimal128Type>(i128::from(u64::MAX) * 1_000, 38, 10),
            &["1844674407370.9551615000", ""],
        ),
        numbers("Decimal256", decimal::<Decimal256Type>(i256::from_i128(-7), 76, 0), &["-7", ""]),
        numbers("Decimal128 of one digit", decimal::<Decimal128Type>(7, 1, 1), &["0.7", ""]),
        Case::new("Decimal32 of hundreds", decimal::<Decimal32Type>(123, 9, -2), shift("12300")),
        Case::new("Decimal128 of hundreds", decimal::<Decimal128Type>(-123, 38, -2), shift("-12300")),
    ]
}

/// Returns this value and a null.
fn decimal<T: DecimalType>(value: T::Native, precision: u8, scale: i8) -> PrimitiveArray<T> {
    let values = PrimitiveArray::<T>::from_iter([Some(value), None]);
    values.with_precision_and_scale(precision, scale).unwrap()
}

fn strings() -> Vec<Case> {
    let text = "=a|b\n\"\u{1b}[31m日本\u{202e}";
    let json = r#""=a|b\n\"\u001b[31m日本\u202e""#;
    let rows = || vec![Forms::new(text, json), Forms::null(), Forms::new("", "\"\"")];
    let values = || vec![Some(text), None, Some("")];
    let hex = ["00ff", "", "7a7a"];
    let bytes = || vec![Some(&b"\x00\xff"[..]), None, Some(&b"zz"[..])];
    vec![
        Case::new("Utf8", StringArray::from(values()), rows()),
        Case::new("LargeUtf8", LargeStringArray::from(values()), rows()),
        Case::new("Utf8View", StringViewArray::from(values()), rows()),
        texts("Binary", BinaryArray::from(bytes()), &hex),
        texts("LargeBinary", LargeBinaryArray::from(bytes()), &hex),
        texts("BinaryView", BinaryViewArray::from(bytes()), &hex),
        texts(
            "FixedSizeBinary",
            FixedSizeBinaryArray::try_from_sparse_iter_with_size(bytes().into_iter(), 2).unwrap(),
            &hex,
        ),
        Case::new(
            "FixedSizeBinary of nothing",
            FixedSizeBinaryArray::try_from_sparse_iter_with_size([Some([0_u8; 0]), None].into_iter(), 0).unwrap(),
            vec![Forms::text("").read_as_text(""), Forms::null()],
        ),
        Case {
            // The bytes of a union's member, and of what `json_get_json` gives.
            field: json_field("v"),
            ..Case::new(
                "JSON",
                StringArray::from(vec![
                    Some("{\"a\" : [1, \"x y\\\"\\u00e9\"],\n \"a\":1e400}"),
                    None,
                    Some("\"\u{202e}\""),
                    Some("{\"masked\":1754****}"),
                ]),
                vec![
                    Forms::new(
                        "{\"a\" : [1, \"x y\\\"\\u00e9\"],\n \"a\":1e400}",
                        r#"{"a":[1,"x y\"\u00e9"],"a":1e400}"#,
                    )
                    .read_as_text("{\"a\" : [1, \"x y\\\"\\u00e9\"],\n \"a\":1e400}"),
                    Forms::null(),
                    Forms::new("\"\u{202e}\"", r#""\u202e""#).read_as_text("\"\u{202e}\""),
                    Forms::text("{\"masked\":1754****}"),
                ],
            )
        },
    ]
}

fn json_field(name: &str) -> Field {
    let metadata = datafusion_functions_json::json_field_metadata();
    Field::new(name, DataType::Utf8, true).with_metadata(metadata)
}

fn dates() -> Vec<Case> {
    let day = 86_400_000_i64;
    vec![
        texts("Date32", Date32Array::from(vec![Some(20_276), None, Some(-1)]), &["2025-07-07", "", "1969-12-31"]),
        texts("Date32 out of range", Date32Array::from(vec![i32::MAX, i32::MIN]), &["2147483647", "-2147483648"]),
        texts("Date64", Date64Array::from(vec![Some(20_276 * day), None, Some(-1)]), &["2025-07-07", "", "1969-12-31"]),
        Case::new(
            "Date64 out of range",
            Date64Array::from(vec![i64::MAX, i64::MIN]),
            vec![Forms::text("9223372036854775807").read_as_null(), Forms::text("-9223372036854775808").read_as_null()],
        ),
        Case::new(
            "Time32 of seconds",
            Time32SecondArray::from(vec![Some(38_349), None, Some(86_400), Some(i32::MIN)]),
            vec![
                Forms::text("10:39:09"),
                Forms::null(),
                Forms::text("86400").read_as_text("86400000"),
                Forms::text("-2147483648").read_as_null(),
            ],
        ),
        texts(
            "Time32 of milliseconds",
            Time32MillisecondArray::from(vec![Some(38_349_500), None, Some(i32::MAX)]),
            &["10:39:09.500", "", "2147483647"],
        ),
        texts(
            "Time64 of microseconds",
            Time64MicrosecondArray::from(vec![Some(38_349_500_000), None, Some(i64::MAX)]),
            &["10:39:09.500", "", "9223372036854775807"],
        ),
        texts(
            "Time64 of nanoseconds",
            Time64NanosecondArray::from(vec![Some(1), None, Some(i64::MIN)]),
            &["00:00:00.000000001", "", "-9223372036854775808"],
        ),
    ]
}

fn timestamps() -> Vec<Case> {
    const SECONDS: i64 = 1_751_852_349;
    // The clock of Tokyo was at +09:18:59 then, which RFC 3339 cannot say.
    const OLD: i64 = -3_000_000_000;
    let zones = [
        (None, ["2025-07-07T01:39:09", "1874-12-07T18:40:00"], "2025-07-07T01:39:09.500"),
        (
            Some("Asia/Tokyo"),
            ["2025-07-07T10:39:09+09:00", "1874-12-08T03:58:00+09:18"],
            "2025-07-07T10:39:09.500+09:00",
        ),
        (Some("-03:30"), ["2025-07-06T22:09:09-03:30", "1874-12-07T15:10:00-03:30"], "2025-07-06T22:09:09.500-03:30"),
        (Some("UTC"), ["2025-07-07T01:39:09+00:00", "1874-12-07T18:40:00+00:00"], "2025-07-07T01:39:09.500+00:00"),
        (
            Some("Nowhere/Atall"),
            ["2025-07-07T01:39:09+00:00", "1874-12-07T18:40:00+00:00"],
            "2025-07-07T01:39:09.500+00:00",
        ),
        (Some(""), ["2025-07-07T01:39:09+00:00", "1874-12-07T18:40:00+00:00"], "2025-07-07T01:39:09.500+00:00"),
    ];
    let mut cases = Vec::new();
    for (zone, [whole, old], half) in zones {
        let name = |unit: &str| format!("Timestamp of {unit} in {zone:?}");
        let shown = |far: bool| -> Vec<Forms> {
            let far = |value: i64| if far { Forms::text(&value.to_string()) } else { Forms::null() };
            vec![Forms::text(whole), Forms::null(), Forms::text(old), far(i64::MAX), far(i64::MIN)]
        };
        let mut seconds = shown(true);
        seconds[3..].iter_mut().for_each(|row| *row = row.clone().read_as_null());
        let values = |unit: i64| vec![Some(SECONDS * unit), None, Some(OLD * unit), Some(i64::MAX), Some(i64::MIN)];
        let mut milliseconds = shown(true);
        milliseconds[0] = Forms::text(half);
        let mut halves = values(1_000);
        halves[0] = Some(SECONDS * 1_000 + 500);
        let mut nanoseconds = values(1_000_000_000);
        nanoseconds[3..].fill(None);
        cases.extend([
            Case::new(&name("s"), TimestampSecondArray::from(values(1)).with_timezone_opt(zone), seconds),
            Case::new(&name("ms"), TimestampMillisecondArray::from(halves).with_timezone_opt(zone), milliseconds),
            Case::new(
                &name("us"),
                TimestampMicrosecondArray::from(values(1_000_000)).with_timezone_opt(zone),
                shown(true),
            ),
            // Nanoseconds in 64 bits are always a date.
            Case::new(&name("ns"), TimestampNanosecondArray::from(nanoseconds).with_timezone_opt(zone), shown(false)),
        ]);
    }
    let ends = TimestampNanosecondArray::from(vec![i64::MAX, i64::MIN]);
    cases.push(texts("ends of time", ends, &["2262-04-11T23:47:16.854775807", "1677-09-21T00:12:43.145224192"]));
    cases
}

fn spans() -> Vec<Case> {
    let long = ["PT90061S", "", "9223372036854775807", "-9223372036854775808"];
    let ends = |value: i64| vec![Some(value), None, Some(i64::MAX), Some(i64::MIN)];
    let months = IntervalYearMonthArray::from(vec![Some(14), None, Some(-1), Some(i32::MIN)]);
    let days = |days, milliseconds| Some(IntervalDayTime { days, milliseconds });
    let days = IntervalDayTimeArray::from(vec![days(1, 1_500), None, days(0, 0), days(i32::MIN, i32::MIN)]);
    let mixed = |months, days, nanoseconds| Some(IntervalMonthDayNano { months, days, nanoseconds });
    let mixed = vec![mixed(14, 3, 1_500_000_000), None, mixed(0, 0, 0), mixed(i32::MIN, i32::MIN, i64::MIN)];
    vec![
        texts("Duration of seconds", DurationSecondArray::from(ends(90_061)), &long),
        texts(
            "Duration of milliseconds",
            DurationMillisecondArray::from(ends(1_500)),
            &["PT1.5S", "", "PT9223372036854775.807S", "-9223372036854775808"],
        ),
        texts(
            "Duration of microseconds",
            DurationMicrosecondArray::from(ends(-1)),
            &["-PT0.000001S", "", "PT9223372036854.775807S", "-PT9223372036854.775808S"],
        ),
        texts(
            "Duration of nanoseconds",
            DurationNanosecondArray::from(ends(0)),
            &["P0D", "", "PT9223372036.854775807S", "-PT9223372036.854775808S"],
        ),
        texts("Interval of months", months, &["1 years 2 mons", "", "-1 years 11 mons", "-178956971 years 4 mons"]),
        texts(
            "Interval of days",
            days,
            &["1 days 1.500 secs", "", "0 secs", "-2147483648 days -596 hours -31 mins -23.648 secs"],
        ),
        texts(
            "Interval of months, days and nanoseconds",
            IntervalMonthDayNanoArray::from(mixed),
            &[
                "14 mons 3 days 1.500000000 secs",
                "",
                "0 secs",
                "-2147483648 mons -2147483648 days -2562047 hours -47 mins -16.854775808 secs",
            ],
        ),
    ]
}

/// Returns types that hold no others, and unions, whose members do not all look alike.
fn plain_cases() -> Vec<Case> {
    let mut cases = integers();
    for more in [fractions(), strings(), dates(), timestamps(), spans(), unions()] {
        cases.extend(more);
    }
    let empty = StructArray::new_empty_fields(2, Some(NullBuffer::from(vec![true, false])));
    cases.push(Case::new("Struct of nothing", empty, vec![Forms::same("{}").read_as_text("{}"), Forms::null()]));
    let twins: Vec<(FieldRef, ArrayRef)> = [1, 2]
        .map(|n| (Arc::new(Field::new("a", DataType::Int32, true)), Arc::new(Int32Array::from(vec![n])) as ArrayRef))
        .into();
    cases.push(Case::new("Struct of twins", StructArray::from(twins), vec![Forms::same(r#"{"a":1,"a_1":2}"#)]));
    cases
}

fn unions() -> Vec<Case> {
    let fields = || {
        UnionFields::try_new(
            [3, 5, 9],
            [
                Field::new("n", DataType::Int64, true),
                Field::new("s", DataType::Utf8, true),
                Field::new("t", DataType::Date32, true),
            ],
        )
        .unwrap()
    };
    let rows = || {
        vec![
            Forms::same("1").read_as_text("1"),
            Forms::text("1").read_as_text("\"1\""),
            Forms::text("1970-01-01").read_as_text("\"1970-01-01\""),
            Forms::null(),
        ]
    };
    let sparse: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(vec![Some(1), None, None, None])),
        Arc::new(StringArray::from(vec![None, Some("1"), None, None])),
        Arc::new(Date32Array::from(vec![None, None, Some(0), None])),
    ];
    let dense: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(vec![None, Some(1)])),
        Arc::new(StringArray::from(vec!["1"])),
        Arc::new(Date32Array::from(vec![0])),
    ];
    let ids = || ScalarBuffer::from(vec![3_i8, 5, 9, 3]);
    let offsets = Some(ScalarBuffer::from(vec![1, 0, 0, 0]));
    vec![
        Case::new("sparse Union", UnionArray::try_new(fields(), ids(), None, sparse).unwrap(), rows()),
        Case::new("dense Union", UnionArray::try_new(fields(), ids(), offsets, dense).unwrap(), rows()),
        json_union(),
    ]
}

/// The values that `json_get` gives.
fn json_union() -> Case {
    let DataType::Union(fields, UnionMode::Sparse) = datafusion_functions_json::JSON_UNION_DATA_TYPE.clone() else {
        panic!("the union of JSON functions is another")
    };
    let text = |at: usize, text: &str| -> ArrayRef {
        Arc::new(StringArray::from_iter((0..8).map(|row| (row == at).then(|| text.to_owned()))))
    };
    let members: Vec<ArrayRef> = vec![
        Arc::new(NullArray::new(8)),
        Arc::new(BooleanArray::from_iter((0..8).map(|row| (row == 1).then_some(true)))),
        Arc::new(Int64Array::from_iter((0..8).map(|row| (row == 2).then_some(-7)))),
        Arc::new(Float64Array::from_iter((0..8).map(|row| (row == 3).then_some(0.5)))),
        text(4, "ecs.g7 \"x\""),
        text(5, "[1, [2], {\"a\": \"b c\"}]"),
        text(6, "{\n  \"a\": null\n}"),
    ];
    let ids = ScalarBuffer::from(vec![0_i8, 1, 2, 3, 4, 5, 6, 0]);
    let rows = vec![
        Forms::null(),
        Forms::same("true").read_as_text("true"),
        Forms::same("-7").read_as_text("-7"),
        Forms::same("0.5").read_as_text("0.5"),
        Forms::text("ecs.g7 \"x\"").read_as_text(r#""ecs.g7 \"x\"""#),
        Forms::new("[1, [2], {\"a\": \"b c\"}]", r#"[1,[2],{"a":"b c"}]"#).read_as_text(r#"[1,[2],{"a":"b c"}]"#),
        Forms::new("{\n  \"a\": null\n}", r#"{"a":null}"#).read_as_text(r#"{"a":null}"#),
        Forms::null(),
    ];
    Case::new("JSON Union", UnionArray::try_new(fields, ids, None, members).unwrap(), rows)
}

/// Returns the rows of a case inside of every type that holds others.
fn holders(case: &Case) -> Vec<Case> {
    let (array, rows, length) = (&case.array, &case.rows, case.rows.len());
    let item: FieldRef = Arc::new(case.field.clone().with_name("item"));
    let named = |holder: &str| format!("{holder} of {}", case.name);
    // One list for each row, and a null that covers a row.
    let mut valid = vec![true; length];
    valid[length - 1] = false;
    let nulls = || Some(NullBuffer::from(valid.clone()));
    let mut lists: Vec<Forms> = rows.iter().map(|row| row.inside(|json| format!("[{json}]"))).collect();
    lists[length - 1] = Forms::null();
    let ones = || OffsetBuffer::from_lengths(vec![1; length]);
    let starts: Vec<i32> = (0..).take(length).collect();
    let long_starts: Vec<i64> = (0..).take(length).collect();
    let values = || array.clone();
    let list = ListArray::new(item.clone(), ones(), values(), nulls());
    let large = LargeListArray::new(item.clone(), OffsetBuffer::from_lengths(vec![1; length]), values(), nulls());
    let fixed = FixedSizeListArray::new(item.clone(), 1, values(), nulls());
    let view = ListViewArray::new(item.clone(), starts.clone().into(), vec![1; length].into(), values(), nulls());
    let large_view =
        LargeListViewArray::new(item.clone(), long_starts.into(), vec![1; length].into(), values(), nulls());
    let fields = Fields::from(vec![item.as_ref().clone().with_name("a\"b")]);
    let structs = StructArray::new(fields, vec![values()], nulls());
    let mut of_struct: Vec<Forms> = rows.iter().map(|row| row.inside(|json| format!(r#"{{"a\"b":{json}}}"#))).collect();
    of_struct[length - 1] = Forms::null();
    let keys: ArrayRef = Arc::new(StringArray::from_iter_values((0..length).map(|row| format!("k{row}"))));
    let entry_fields = vec![Field::new("key", DataType::Utf8, false), item.as_ref().clone().with_name("value")];
    let entries = StructArray::new(Fields::from(entry_fields), vec![keys, values()], None);
    let entries_field = Arc::new(Field::new("entries", entries.data_type().clone(), false));
    let maps = MapArray::new(entries_field, ones(), entries, nulls(), false);
    let of_map = rows.iter().enumerate().map(|(n, row)| row.inside(|json| format!(r#"{{"k{n}":{json}}}"#)));
    let mut of_map: Vec<Forms> = of_map.collect();
    of_map[length - 1] = Forms::null();
    // The last row first, a null, and then all.
    let places = [Some(length - 1), None].into_iter().chain((0..length).map(Some));
    let dictionary_rows = places.clone().map(|place| place.map_or_else(Forms::null, |place| rows[place].clone()));
    let keys = places.map(|place| place.map(|place| u8::try_from(place).unwrap())).collect::<UInt8Array>();
    let dictionary = DictionaryArray::new(keys, values());
    let ends = Int16Array::from_iter_values((1..).map(|run| 2 * run).take(length));
    let runs = RunArray::try_new(&ends, array.as_ref()).unwrap();
    let run_rows = rows.iter().flat_map(|row| [row.clone(), row.clone()]);
    let holder = |name: &str, array: ArrayRef, rows: Vec<Forms>| Case::of(&named(name), array, rows);
    let mut held = vec![
        holder("List", Arc::new(list), lists.clone()),
        holder("LargeList", Arc::new(large), lists.clone()),
        holder("FixedSizeList", Arc::new(fixed), lists.clone()),
        holder("ListView", Arc::new(view), lists.clone()),
        holder("LargeListView", Arc::new(large_view), lists),
        holder("Struct", Arc::new(structs), of_struct),
        holder("Map", Arc::new(maps), of_map),
        holder("Dictionary", Arc::new(dictionary), dictionary_rows.collect()),
        holder("RunEndEncoded", Arc::new(runs), run_rows.collect()),
    ];
    // These two keep the field of what they hold.
    for encoded in &mut held[7..] {
        encoded.field = encoded.field.clone().with_metadata(case.field.metadata().clone());
    }
    held
}

fn written(case: &Case, format: OutputFormat) -> Vec<u8> {
    let mut out = Vec::new();
    let rows = write(&mut Rows::from(case.batch()), format, &OutputStyle::default(), &mut out);
    let rows = rows.unwrap_or_else(|error| panic!("{} as {format}: {error}", case.name));
    assert_eq!(rows, case.rows.len() as u64, "{} as {format}", case.name);
    out
}

fn text_of(case: &Case, format: OutputFormat) -> String {
    String::from_utf8(written(case, format)).unwrap()
}

fn check(case: &Case) {
    let name = &case.name;
    let shown: Vec<&str> = case.rows.iter().map(|row| row.text.as_deref().unwrap_or_default()).collect();

    let csv = text_of(case, OutputFormat::Csv);
    let mut reader = ::csv::ReaderBuilder::new().from_reader(csv.as_bytes());
    let cells: Vec<String> = reader.records().map(|record| record.unwrap()[0].to_owned()).collect();
    let expected: Vec<_> = shown.iter().map(|text| escape::spreadsheet(text)).collect();
    assert_eq!(cells, expected, "{name} as csv");

    let markdown = text_of(case, OutputFormat::Markdown);
    let cells: Vec<&str> = markdown.lines().skip(2).collect();
    let expected: Vec<_> = shown.iter().map(|text| format!("| {} |", escape::markdown(text))).collect();
    assert_eq!(cells, expected, "{name} as markdown");

    let table = text_of(case, OutputFormat::Table);
    let cells: Vec<&str> = table.lines().skip(2).map(str::trim).collect();
    let expected: Vec<_> = shown.iter().map(|text| escape::terminal(text)).collect();
    assert_eq!(cells, expected, "{name} as table");

    let lines: Vec<_> = case.rows.iter().map(|row| format!(r#"{{"v":{}}}"#, row.json)).collect();
    let jsonl = text_of(case, OutputFormat::Jsonl);
    assert_eq!(jsonl.lines().collect::<Vec<_>>(), lines, "{name} as jsonl");
    let json = text_of(case, OutputFormat::Json);
    let whole = if lines.is_empty() { "[]\n".to_owned() } else { format!("[\n{}\n]\n", lines.join(",\n")) };
    assert_eq!(json, whole, "{name} as json");

    let file = Bytes::from(written(case, OutputFormat::Parquet));
    let mut read = Vec::new();
    for batch in ParquetRecordBatchReader::try_new(file, 3).unwrap() {
        let batch = batch.unwrap_or_else(|error| panic!("{name} read from parquet: {error}"));
        let [column] = &value::columns(&batch).unwrap()[..] else { panic!("{name}: not one column") };
        read.extend((0..batch.num_rows()).map(|row| column.text(row).unwrap().map(|text| text.into_owned())));
    }
    let expected: Vec<_> = case.rows.iter().map(|row| row.read_text.clone()).collect();
    assert_eq!(read, expected, "{name} read from parquet");
}

/// Returns a case, and what is left of it without its first row, and without any; and a column of its type that is all
/// null.
fn check_whole(case: &Case) {
    check(case);
    check(&case.slice(1, case.rows.len() - 1));
    check(&case.slice(0, 0));
    let array = new_null_array(case.array.data_type(), 2);
    check(&Case {
        name: format!("{} all null", case.name),
        array,
        rows: vec![Forms::null(); 2],
        field: case.field.clone(),
    });
}

#[test]
fn every_type_in_every_format() {
    for case in plain_cases() {
        check_whole(&case);
    }
}

#[test]
fn every_type_inside_of_every_type_that_holds_others() {
    for case in plain_cases() {
        for holder in holders(&case) {
            check_whole(&holder);
        }
    }
}

#[test]
fn holders_inside_of_holders() {
    let cases = plain_cases();
    let picked = ["Int64", "Utf8", "JSON Union", "Interval of days", "Timestamp of s in None", "Struct of nothing"];
    for case in cases.iter().filter(|case| picked.contains(&case.name.as_str())) {
        for holder in holders(case) {
            holders(&holder).iter().for_each(check_whole);
        }
    }
}

#[test]
fn odd_lists() {
    let item = || Arc::new(Field::new("item", DataType::Int32, true));
    let values: ArrayRef = Arc::new(Int32Array::from(vec![1, 2, 3]));
    let rows = ["[2,3]", "[]", "[1,2,3]", "[1]"].map(Forms::same).to_vec();
    let (starts, sizes) = (vec![1, 3, 0, 0], vec![2, 0, 3, 1]);
    let views = ListViewArray::new(item(), starts.into(), sizes.into(), values, None);
    check_whole(&Case::new("ListView out of order", views, rows));
    let nothing = FixedSizeListArray::try_new_with_length(item(), 0, new_null_array(&DataType::Int32, 0), None, 2);
    check_whole(&Case::new("FixedSizeList of nothing", nothing.unwrap(), vec![Forms::same("[]"); 2]));
    let never_null = Arc::new(Field::new("item", DataType::Timestamp(TimeUnit::Second, None), false));
    let far: ArrayRef = Arc::new(TimestampSecondArray::from(vec![0, i64::MAX]));
    let lists = ListArray::new(never_null, OffsetBuffer::from_lengths([2]), far, None);
    let forms = Forms::new(r#"["1970-01-01T00:00:00","9223372036854775807"]"#, "");
    let json = forms.text.clone().unwrap();
    let forms = Forms { json, read_text: Some(r#"["1970-01-01T00:00:00",null]"#.to_owned()), ..forms };
    check(&Case::new("List of what is never null", lists, vec![forms]));
    let numbers = MapArray::new_from_strings(["x"].into_iter(), &Int32Array::from(vec![1]), &[0, 1, 1]).unwrap();
    check_whole(&Case::new("Map", numbers, vec![Forms::same(r#"{"x":1}"#), Forms::same("{}")]));
}

#[test]
fn depth_has_a_limit() {
    let deep = |levels: usize| {
        let mut array: ArrayRef = Arc::new(Int32Array::from(vec![1]));
        for _ in 1..levels {
            let item = Arc::new(Field::new("item", array.data_type().clone(), true));
            array = Arc::new(ListArray::new(item, OffsetBuffer::from_lengths([1]), array, None));
        }
        let text = format!("{}1{}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        Case::of(&format!("{levels} levels"), array, vec![Forms::same(&text)])
    };
    for levels in [1, DEEPEST_IN_PARQUET, DEEPEST_IN_PARQUET + 1, DEEPEST] {
        check(&deep(levels));
    }
    for format in OutputFormat::ALL {
        let mut rows = Rows::from(deep(DEEPEST + 1).batch());
        let error = write(&mut rows, format, &OutputStyle::default(), &mut Vec::new()).unwrap_err();
        assert!(matches!(&error, OutputError::TooDeep { column } if column == "v"), "{format}: {error}");
    }
}

#[test]
fn columns_of_one_name_are_told_apart_in_every_format() {
    let field = |name: &str| Field::new(name, DataType::Int32, true);
    let schema = Arc::new(Schema::new(vec![field("a"), field("a_1"), field("a"), field("a")]));
    let column = |n: i32| Arc::new(Int32Array::from(vec![n])) as ArrayRef;
    let batch = RecordBatch::try_new(schema, (0..4).map(column).collect()).unwrap();
    let written = |format| {
        let mut out = Vec::new();
        write(&mut Rows::from(batch.clone()), format, &OutputStyle::default(), &mut out).unwrap();
        out
    };
    for (format, expected) in [
        (OutputFormat::Csv, "a,a_1,a_2,a_3\n0,1,2,3\n"),
        (OutputFormat::Jsonl, "{\"a\":0,\"a_1\":1,\"a_2\":2,\"a_3\":3}\n"),
        (OutputFormat::Json, "[\n{\"a\":0,\"a_1\":1,\"a_2\":2,\"a_3\":3}\n]\n"),
        (OutputFormat::Markdown, "| a | a_1 | a_2 | a_3 |\n| ---: | ---: | ---: | ---: |\n| 0 | 1 | 2 | 3 |\n"),
        (OutputFormat::Table, "a  a_1  a_2  a_3\n─  ───  ───  ───\n0    1    2    3\n"),
    ] {
        assert_eq!(String::from_utf8(written(format)).unwrap(), expected, "{format}");
    }
    let reader = ParquetRecordBatchReader::try_new(Bytes::from(written(OutputFormat::Parquet)), 1).unwrap();
    let names: Vec<String> = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!(names, ["a", "a_1", "a_2", "a_3"]);
}
