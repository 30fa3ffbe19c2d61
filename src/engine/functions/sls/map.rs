//! Maps: how they are built, and `sls_map_from_entries`, `sls_map_concat` and `sls_multimap_from_entries`.
//!
//! A list of pairs becomes a map. Presto's `map_agg` keeps one of the values of a key, which is not said to be the
//! first; here it is. A pair whose key is NULL is left out.

use super::super::udf;
use arrow::array::{Array, ArrayRef, AsArray, BooleanBufferBuilder, ListArray, MapArray, StructArray, UInt32Array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{cast, concat, take};
use arrow::datatypes::{DataType, Field, Fields};
use arrow::row::{RowConverter, SortField};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use std::collections::HashMap;
use std::sync::Arc;

/// Returns the type of a map. Keys that are text have one type, with which DataFusion compares a literal.
pub(super) fn map_type(key: &DataType, value: &DataType) -> DataType {
    let key = &key_type(key);
    DataType::Map(Arc::new(Field::new("entries", DataType::Struct(members(key, value)), false)), false)
}

fn key_type(kind: &DataType) -> DataType {
    match kind {
        DataType::Dictionary(_, values) => key_type(values),
        kind if kind.is_string() => DataType::Utf8,
        kind => kind.clone(),
    }
}

fn members(key: &DataType, value: &DataType) -> Fields {
    Fields::from(vec![Field::new("key", key.clone(), false), Field::new("value", value.clone(), true)])
}

/// The lengths of the maps of a column.
pub(super) struct MapRows {
    lengths: Vec<usize>,
    valid: BooleanBufferBuilder,
}

impl MapRows {
    pub(super) fn with_capacity(rows: usize) -> Self {
        Self { lengths: Vec::with_capacity(rows), valid: BooleanBufferBuilder::new(rows) }
    }

    /// Adds a map with so many entries; `None` is NULL.
    pub(super) fn append(&mut self, entries: Option<usize>) {
        self.lengths.push(entries.unwrap_or(0));
        self.valid.append(entries.is_some());
    }

    /// Makes the column of its keys and values.
    pub(super) fn finish(mut self, keys: ArrayRef, values: ArrayRef) -> Result<ArrayRef> {
        let keys = cast(&keys, &key_type(keys.data_type()))?;
        let members = members(keys.data_type(), values.data_type());
        let kind = DataType::Struct(members.clone());
        let entries = StructArray::try_new(members, vec![keys, values], None)?;
        let field = Arc::new(Field::new("entries", kind, false));
        let nulls = NullBuffer::new(self.valid.finish());
        let offsets = OffsetBuffer::from_lengths(self.lengths);
        Ok(Arc::new(MapArray::try_new(field, offsets, entries, Some(nulls), false)?))
    }
}

/// The functions of this file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Making {
    /// A map of a list of pairs; the first of a key stays.
    FromEntries,
    /// A map of a list of pairs, to the list of the values of each key.
    Multimap,
    /// A map of several; the last of a key stays.
    Concat,
    /// A map of a list of maps, the first of a key stays.
    Union,
    /// A map of the distinct values of a list to their number.
    Histogram,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct MakeMap {
    making: Making,
    signature: Signature,
}

/// Makes the functions.
pub(super) fn functions() -> Vec<ScalarUDF> {
    let all = [Making::FromEntries, Making::Multimap, Making::Concat, Making::Union, Making::Histogram];
    let function = |making| udf(MakeMap { making, signature: Signature::variadic_any(Volatility::Immutable) });
    all.into_iter().map(function).collect()
}

impl MakeMap {
    /// Returns the types of keys and values of the result.
    fn parts(&self, kinds: &[DataType]) -> Result<(DataType, DataType)> {
        let name = self.name();
        let item = |kind: &DataType| match kind {
            DataType::List(item) => Some(item.data_type().clone()),
            _ => None,
        };
        let pair = |kind: &DataType| match kind {
            DataType::Struct(fields) => match fields.iter().as_slice() {
                [key, value] => Some((key.data_type().clone(), value.data_type().clone())),
                _ => None,
            },
            _ => None,
        };
        let of_map = |kind: &DataType| match kind {
            DataType::Map(entries, _) => pair(entries.data_type()),
            _ => None,
        };
        match (self.making, kinds) {
            (Making::FromEntries, [kind]) => match item(kind).as_ref().and_then(pair) {
                Some(parts) => Ok(parts),
                None => plan_err!("`{name}` takes an array of pairs, not {kind}"),
            },
            (Making::Multimap, [kind]) => match item(kind).as_ref().and_then(pair) {
                Some((key, value)) => Ok((key, DataType::new_list(value, true))),
                None => plan_err!("`{name}` takes an array of pairs, not {kind}"),
            },
            (Making::Union, [kind]) => match item(kind).as_ref().and_then(of_map) {
                Some(parts) => Ok(parts),
                None => plan_err!("`{name}` takes an array of maps, not {kind}"),
            },
            (Making::Histogram, [kind]) => match item(kind) {
                Some(key) => Ok((key, DataType::Int64)),
                None => plan_err!("`{name}` takes an array, not {kind}"),
            },
            (Making::Concat, [first, others @ ..]) if others.iter().all(|other| other == first) => {
                match of_map(first) {
                    Some(parts) => Ok(parts),
                    None => plan_err!("`{name}` takes maps, not {first}"),
                }
            }
            (Making::Concat, [_, ..]) => plan_err!("`{name}` takes maps of one type"),
            _ => plan_err!("`{name}` takes one argument"),
        }
    }
}

impl ScalarUDFImpl for MakeMap {
    fn name(&self) -> &str {
        match self.making {
            Making::FromEntries => "sls_map_from_entries",
            Making::Multimap => "sls_multimap_from_entries",
            Making::Concat => "sls_map_concat",
            Making::Union => "sls_map_union",
            Making::Histogram => "sls_histogram",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, kinds: &[DataType]) -> Result<DataType> {
        let (key, value) = self.parts(kinds)?;
        Ok(map_type(&key, &value))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&arguments.args)?;
        let Some(first) = arrays.first() else { return exec_err!("`{}` takes arguments", self.name()) };
        let kinds: Vec<DataType> = arrays.iter().map(|array| array.data_type().clone()).collect();
        let (key, value) = self.parts(&kinds)?;
        let mut out = Builder::new(key, value);
        for row in 0..first.len() {
            if arrays.iter().any(|array| array.is_null(row)) {
                out.rows.append(None);
                continue;
            }
            match self.making {
                Making::FromEntries => out.first_of_each(&[entries_of_list(first, row)?])?,
                Making::Multimap => out.all_of_each(&entries_of_list(first, row)?)?,
                Making::Concat => {
                    let maps = arrays.iter().rev().map(|array| entries_of_map(array, row));
                    out.first_of_each(&maps.collect::<Result<Vec<_>>>()?)?;
                }
                Making::Union => {
                    let maps = first.as_list::<i32>().value(row);
                    let there = (0..maps.len()).filter(|at| maps.is_valid(*at));
                    out.first_of_each(&there.map(|at| entries_of_map(&maps, at)).collect::<Result<Vec<_>>>()?)?;
                }
                Making::Histogram => out.count_of_each(&first.as_list::<i32>().value(row))?,
            }
        }
        Ok(ColumnarValue::Array(out.finish()?))
    }
}

/// Keys and values of one row.
type Parts = (ArrayRef, ArrayRef);

fn entries_of_list(lists: &ArrayRef, row: usize) -> Result<Parts> {
    let Some(lists) = lists.as_list_opt::<i32>() else { return exec_err!("an array of pairs is expected") };
    parts_of(&lists.value(row))
}

fn entries_of_map(maps: &ArrayRef, row: usize) -> Result<Parts> {
    let Some(maps) = maps.as_map_opt() else { return exec_err!("a map is expected") };
    let entries = maps.value(row);
    Ok((Arc::clone(entries.column(0)), Arc::clone(entries.column(1))))
}

fn parts_of(pairs: &ArrayRef) -> Result<Parts> {
    match pairs.as_struct_opt().map(StructArray::columns) {
        Some([keys, values]) => Ok((Arc::clone(keys), Arc::clone(values))),
        _ => exec_err!("an array of pairs is expected"),
    }
}

/// Puts maps together.
struct Builder {
    key: DataType,
    value: DataType,
    rows: MapRows,
    keys: Vec<ArrayRef>,
    values: Vec<ArrayRef>,
}

impl Builder {
    fn new(key: DataType, value: DataType) -> Self {
        Self { key, value, rows: MapRows::with_capacity(0), keys: Vec::new(), values: Vec::new() }
    }

    /// Returns the places of the distinct keys, each with all places of that key, in the order of the first ones.
    fn grouped(&self, keys: &ArrayRef) -> Result<Vec<Vec<u32>>> {
        let converter = RowConverter::new(vec![SortField::new(self.key.clone())])?;
        let rows = converter.convert_columns(&[Arc::clone(keys)])?;
        let mut numbers: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut groups: Vec<Vec<u32>> = Vec::new();
        for at in (0..keys.len()).filter(|at| keys.is_valid(*at)) {
            let number = *numbers.entry(rows.row(at).as_ref().to_vec()).or_insert(groups.len());
            let place = u32::try_from(at).unwrap_or(u32::MAX);
            match groups.get_mut(number) {
                Some(group) => group.push(place),
                None => groups.push(vec![place]),
            }
        }
        Ok(groups)
    }

    fn first_of_each(&mut self, parts: &[Parts]) -> Result<()> {
        if parts.is_empty() {
            self.rows.append(Some(0));
            return Ok(());
        }
        let together = |arrays: Vec<&dyn Array>| -> Result<ArrayRef> { Ok(concat(&arrays)?) };
        let keys = together(parts.iter().map(|(keys, _)| keys.as_ref()).collect())?;
        let values = together(parts.iter().map(|(_, values)| values.as_ref()).collect())?;
        let firsts: Vec<u32> = self.grouped(&keys)?.iter().filter_map(|group| group.first().copied()).collect();
        let firsts = UInt32Array::from(firsts);
        self.rows.append(Some(firsts.len()));
        self.keys.push(take(&keys, &firsts, None)?);
        self.values.push(take(&values, &firsts, None)?);
        Ok(())
    }

    fn all_of_each(&mut self, (keys, values): &Parts) -> Result<()> {
        let groups = self.grouped(keys)?;
        self.rows.append(Some(groups.len()));
        let firsts: UInt32Array = groups.iter().filter_map(|group| group.first().copied()).collect::<Vec<_>>().into();
        self.keys.push(take(keys, &firsts, None)?);
        let DataType::List(item) = &self.value else { return exec_err!("a list is expected") };
        let offsets = OffsetBuffer::from_lengths(groups.iter().map(Vec::len));
        let places = UInt32Array::from(groups.into_iter().flatten().collect::<Vec<u32>>());
        let values = take(values, &places, None)?;
        self.values.push(Arc::new(ListArray::try_new(Arc::clone(item), offsets, values, None)?));
        Ok(())
    }

    fn count_of_each(&mut self, keys: &ArrayRef) -> Result<()> {
        let groups = self.grouped(keys)?;
        self.rows.append(Some(groups.len()));
        let firsts: UInt32Array = groups.iter().filter_map(|group| group.first().copied()).collect::<Vec<_>>().into();
        self.keys.push(take(keys, &firsts, None)?);
        let counts = groups.iter().map(|group| i64::try_from(group.len()).unwrap_or(i64::MAX));
        self.values.push(Arc::new(arrow::array::Int64Array::from(counts.collect::<Vec<_>>())));
        Ok(())
    }

    fn finish(self) -> Result<ArrayRef> {
        let joined = |arrays: &[ArrayRef], kind: &DataType| -> Result<ArrayRef> {
            let arrays: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
            if arrays.is_empty() { Ok(arrow::array::new_empty_array(kind)) } else { Ok(concat(&arrays)?) }
        };
        let (keys, values) = (joined(&self.keys, &self.key)?, joined(&self.values, &self.value)?);
        self.rows.finish(keys, values)
    }
}
