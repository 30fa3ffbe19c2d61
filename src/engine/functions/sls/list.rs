//! Arrays: `sls_slice`, `sls_reverse` and `sls_has_null`, which take arrays of any type, and `sls_array_sum` of
//! numbers. `sls_reverse` takes texts as well.

use super::super::udf;
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, ListArray, StringViewArray, UInt64Array,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::{cast, take};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use datafusion::scalar::ScalarValue;
use std::ops::Range;
use std::sync::Arc;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Picking {
    Slice,
    Reverse,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Pick {
    picking: Picking,
    signature: Signature,
}

/// Makes the functions.
pub(super) fn functions() -> Vec<ScalarUDF> {
    let signature = || Signature::user_defined(Volatility::Immutable);
    let sum = udf(Sum { signature: signature() });
    let has_null = udf(HasNull { signature: Signature::any(1, Volatility::Immutable) });
    let picks = [Picking::Slice, Picking::Reverse].map(|picking| udf(Pick { picking, signature: signature() }));
    picks.into_iter().chain([sum, has_null]).collect()
}

impl ScalarUDFImpl for Pick {
    fn name(&self) -> &str {
        match self.picking {
            Picking::Slice => "sls_slice",
            Picking::Reverse => "sls_reverse",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, kinds: &[DataType]) -> Result<Vec<DataType>> {
        let is_int = |kind: &DataType| kind.is_integer() || kind.is_null();
        let is_text = |kind: &DataType| match kind {
            DataType::Dictionary(_, values) => values.is_string(),
            kind => kind.is_string() || kind.is_null(),
        };
        match (self.picking, kinds) {
            (Picking::Slice, [DataType::Null, ..]) if kinds.len() == 3 => {
                Ok(vec![DataType::new_list(DataType::Null, true), DataType::Int64, DataType::Int64])
            }
            (Picking::Slice, [list @ DataType::List(_), start, length]) if is_int(start) && is_int(length) => {
                Ok(vec![list.clone(), DataType::Int64, DataType::Int64])
            }
            (Picking::Slice, _) => plan_err!("`sls_slice` takes an array, a start and a length"),
            (Picking::Reverse, [list @ DataType::List(_)]) => Ok(vec![list.clone()]),
            (Picking::Reverse, [text]) if is_text(text) => Ok(vec![DataType::Utf8View]),
            (Picking::Reverse, _) => plan_err!("`sls_reverse` takes a text or an array"),
        }
    }

    fn return_type(&self, kinds: &[DataType]) -> Result<DataType> {
        match kinds.first() {
            Some(kind) => Ok(kind.clone()),
            None => plan_err!("`{}` takes arguments", self.name()),
        }
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_scalar = arguments.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let arrays = ColumnarValue::values_to_arrays(&arguments.args)?;
        let array = match (self.picking, arrays.as_slice()) {
            (Picking::Slice, [lists, starts, lengths]) => slices(lists, starts, lengths)?,
            (Picking::Reverse, [values]) => reversed(values)?,
            _ => return exec_err!("`{}` takes other arguments", self.name()),
        };
        if is_scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?));
        }
        Ok(ColumnarValue::Array(array))
    }
}

/// The sum of an array of numbers, whole if they are. NULL among them gives NULL, and an empty array 0.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Sum {
    signature: Signature,
}

impl ScalarUDFImpl for Sum {
    fn name(&self) -> &str {
        "sls_array_sum"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, kinds: &[DataType]) -> Result<Vec<DataType>> {
        let item = match kinds {
            [DataType::List(item) | DataType::LargeList(item)] => item.data_type(),
            [DataType::Null] => &DataType::Null,
            _ => return plan_err!("`{}` takes an array of numbers", self.name()),
        };
        let sum = if item.is_integer() || item.is_null() { DataType::Int64 } else { DataType::Float64 };
        Ok(vec![DataType::new_list(sum, true)])
    }

    fn return_type(&self, kinds: &[DataType]) -> Result<DataType> {
        match kinds {
            [DataType::List(item)] => Ok(item.data_type().clone()),
            _ => plan_err!("`{}` takes an array of numbers", self.name()),
        }
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_scalar = arguments.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let arrays = ColumnarValue::values_to_arrays(&arguments.args)?;
        let [array] = arrays.as_slice() else { return exec_err!("`{}` takes 1 argument", self.name()) };
        let Some(lists) = array.as_list_opt::<i32>() else { return exec_err!("an array is expected") };
        let sums: ArrayRef = if lists.value_type() == DataType::Int64 {
            let sum = |list: ArrayRef| {
                let numbers = list.as_primitive::<Int64Type>();
                numbers.iter().try_fold(0i64, |sum, number| number.and_then(|number| sum.checked_add(number)))
            };
            Arc::new(lists.iter().map(|list| list.and_then(sum)).collect::<Int64Array>())
        } else {
            let sum = |list: ArrayRef| {
                let numbers = list.as_primitive::<Float64Type>();
                numbers.iter().try_fold(0.0, |sum, number| number.map(|number| sum + number))
            };
            Arc::new(lists.iter().map(|list| list.and_then(sum)).collect::<Float64Array>())
        };
        if is_scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&sums, 0)?));
        }
        Ok(ColumnarValue::Array(sums))
    }
}

/// `true` for an array with a NULL among its elements; NULL for no array.
#[derive(Debug, PartialEq, Eq, Hash)]
struct HasNull {
    signature: Signature,
}

impl ScalarUDFImpl for HasNull {
    fn name(&self) -> &str {
        "sls_has_null"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, kinds: &[DataType]) -> Result<DataType> {
        match kinds {
            [DataType::List(_) | DataType::Null] => Ok(DataType::Boolean),
            _ => plan_err!("`array_max` and `array_min` take an array"),
        }
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_scalar = arguments.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let arrays = ColumnarValue::values_to_arrays(&arguments.args)?;
        let [array] = arrays.as_slice() else { return exec_err!("`{}` takes 1 argument", self.name()) };
        let found: BooleanArray = match array.as_list_opt::<i32>() {
            Some(lists) => lists.iter().map(|list| list.map(|list| list.logical_null_count() > 0)).collect(),
            None => BooleanArray::new_null(array.len()),
        };
        if is_scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&found, 0)?));
        }
        Ok(ColumnarValue::Array(Arc::new(found)))
    }
}

fn slices(lists: &ArrayRef, starts: &ArrayRef, lengths: &ArrayRef) -> Result<ArrayRef> {
    let (starts, lengths) = (starts.as_primitive::<Int64Type>(), lengths.as_primitive::<Int64Type>());
    picked(lists, |row, items| {
        if starts.is_null(row) || lengths.is_null(row) {
            return Ok(None);
        }
        let (start, length) = (starts.value(row), lengths.value(row));
        if start == 0 {
            return exec_err!("the start of a slice is 1 or more, or counts from the end");
        }
        let Ok(length) = usize::try_from(length) else {
            return exec_err!("the length of a slice is 0 or more, not {length}");
        };
        let items = i64::try_from(items).unwrap_or(i64::MAX);
        let first = if start < 0 { items.saturating_add(start) } else { start - 1 };
        if !(0..items).contains(&first) {
            return Ok(Some((0..0, false)));
        }
        let first = usize::try_from(first).unwrap_or(0);
        let last = first.saturating_add(length).min(usize::try_from(items).unwrap_or(first));
        Ok(Some((first..last, false)))
    })
}

fn reversed(values: &ArrayRef) -> Result<ArrayRef> {
    if values.as_list_opt::<i32>().is_some() {
        return picked(values, |_, items| Ok(Some((0..items, true))));
    }
    let texts = cast(values, &DataType::Utf8View)?;
    let reverse = |text: Option<&str>| text.map(|text| text.chars().rev().collect::<String>());
    Ok(Arc::new(texts.as_string_view().iter().map(reverse).collect::<StringViewArray>()))
}

/// Makes lists of some places of others. The function gets row and length, and gives the places, and `true` to turn
/// them round; `None` is NULL.
fn picked(lists: &ArrayRef, places: impl Fn(usize, usize) -> Result<Option<(Range<usize>, bool)>>) -> Result<ArrayRef> {
    let Some(lists) = lists.as_list_opt::<i32>() else { return exec_err!("an array is expected") };
    let (mut taken, mut lengths, mut valid) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..lists.len() {
        let items = usize::try_from(lists.value_length(row)).unwrap_or(0);
        let found = if lists.is_null(row) { None } else { places(row, items)? };
        valid.push(found.is_some());
        let (range, backwards) = found.unwrap_or((0..0, false));
        lengths.push(range.len());
        let begin = usize::try_from(lists.value_offsets()[row]).unwrap_or(0);
        let places = range.map(|at| (begin + at) as u64);
        if backwards { taken.extend(places.rev()) } else { taken.extend(places) }
    }
    let values = take(lists.values(), &UInt64Array::from(taken), None)?;
    let DataType::List(item) = lists.data_type() else { return exec_err!("an array is expected") };
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::try_new(Arc::clone(item), offsets, values, Some(valid.into()))?))
}
