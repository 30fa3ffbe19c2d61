//! `count`, as DataFusion has it, with a `count(DISTINCT …)` by group whose memory is that of the pairs counted.
//!
//! DataFusion keeps a set for each group and column, of some ten kilobytes even where it holds one value. With a few
//! hundred thousand groups, which an account with role sessions has, that is gigabytes (`benches/RESULTS.md`). Here a
//! column has one dictionary of its distinct values and one set of pairs of group and value, for all groups together.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, ListArray, UInt32Array, new_empty_array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::{filter, take};
use arrow::datatypes::{DataType, Field, FieldRef, Schema};
use datafusion::common::{exec_err, internal_err};
use datafusion::error::Result;
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Documentation, EmitTo, GroupsAccumulator, ReversedUDAF,
    SetMonotonicity, Signature, StatisticsArgs,
};
use datafusion::physical_plan::aggregates::group_values::{GroupValues, new_group_values};
use datafusion::physical_plan::aggregates::order::GroupOrdering;
use datafusion::scalar::ScalarValue;
use std::collections::HashSet;
use std::sync::Arc;

/// DataFusion's own `count`, but for distinct values by group.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Count {
    inner: Arc<AggregateUDF>,
}

/// Makes the function.
pub fn count() -> AggregateUDF {
    AggregateUDF::new_from_impl(Count { inner: count_udaf() })
}

/// Returns `true` for a count of distinct values of one column.
fn counts_pairs(args: &AccumulatorArgs<'_>) -> bool {
    args.is_distinct && args.exprs.len() == 1 && args.expr_fields.first().is_some_and(is_counted)
}

/// Returns `true` for types of which DataFusion keeps a set for each group, and whose values a dictionary can hold.
fn is_counted(field: &FieldRef) -> bool {
    let kind = field.data_type();
    let is_flat = !kind.is_nested() && !matches!(kind, DataType::Null | DataType::Dictionary(..));
    // Integers are counted by pairs already; unions have no order or hash.
    match kind {
        DataType::Struct(fields) => fields.iter().all(|field| !field.data_type().is_nested()),
        _ => is_flat && !kind.is_integer(),
    }
}

impl AggregateUDFImpl for Count {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        self.inner.return_type(arguments)
    }

    fn is_nullable(&self) -> bool {
        self.inner.is_nullable()
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        self.inner.state_fields(args)
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        self.inner.accumulator(args)
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        counts_pairs(&args) || self.inner.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        if counts_pairs(&args)
            && let Some(field) = args.expr_fields.first()
        {
            return Ok(Box::new(DistinctPairs::new(field.data_type().clone())?));
        }
        self.inner.create_groups_accumulator(args)
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        self.inner.create_sliding_accumulator(args)
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        self.inner.order_sensitivity()
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::Identical
    }

    fn value_from_stats(&self, statistics: &StatisticsArgs<'_>) -> Option<ScalarValue> {
        self.inner.value_from_stats(statistics)
    }

    fn default_value(&self, kind: &DataType) -> Result<ScalarValue> {
        self.inner.default_value(kind)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.inner.documentation()
    }

    fn set_monotonicity(&self, kind: &DataType) -> SetMonotonicity {
        self.inner.inner().set_monotonicity(kind)
    }
}

/// Counts the distinct values of a column by group.
struct DistinctPairs {
    kind: DataType,
    /// The distinct values of all groups; each has a number.
    values: Box<dyn GroupValues>,
    /// Group and number of the value.
    pairs: HashSet<(u32, u32)>,
    counts: Vec<i64>,
    /// Numbers of the values of a batch.
    numbers: Vec<usize>,
}

impl DistinctPairs {
    fn new(kind: DataType) -> Result<Self> {
        Ok(Self { values: dictionary(&kind)?, kind, pairs: HashSet::new(), counts: Vec::new(), numbers: Vec::new() })
    }

    /// Adds values, none of them null, to the groups that `group_of` gives for each.
    fn add(&mut self, values: &ArrayRef, mut group_of: impl FnMut(usize) -> Option<usize>) -> Result<()> {
        self.values.intern(std::slice::from_ref(values), &mut self.numbers)?;
        for (at, number) in self.numbers.iter().enumerate() {
            let group = group_of(at);
            let (Some(group), Ok(number)) = (group, u32::try_from(*number)) else {
                return exec_err!("too many distinct values to count");
            };
            let Ok(short) = u32::try_from(group) else { return exec_err!("too many groups to count in") };
            if self.pairs.insert((short, number))
                && let Some(count) = self.counts.get_mut(group)
            {
                *count += 1;
            }
        }
        Ok(())
    }

    /// Takes the pairs of the groups that are emitted; the numbers of the other groups begin anew.
    fn take_pairs(&mut self, groups: usize, emit_to: EmitTo) -> Vec<(u32, u32)> {
        let pairs = std::mem::take(&mut self.pairs);
        if matches!(emit_to, EmitTo::All) {
            return pairs.into_iter().collect();
        }
        let first_kept = u32::try_from(groups).unwrap_or(u32::MAX);
        let (emitted, kept): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(group, _)| *group < first_kept);
        self.pairs = kept.into_iter().map(|(group, value)| (group - first_kept, value)).collect();
        emitted
    }
}

fn dictionary(kind: &DataType) -> Result<Box<dyn GroupValues>> {
    let schema = Schema::new(vec![Field::new("value", kind.clone(), true)]);
    new_group_values(Arc::new(schema), &GroupOrdering::None)
}

/// Returns the rows that are counted: those that pass the filter and have a value.
fn counted(values: &ArrayRef, passes: Option<&BooleanArray>) -> BooleanArray {
    let has_value = arrow::compute::is_not_null(values);
    let has_value = has_value.unwrap_or_else(|_| BooleanArray::from(vec![true; values.len()]));
    match passes {
        Some(passes) => (0..values.len())
            .map(|row| Some(has_value.value(row) && passes.is_valid(row) && passes.value(row)))
            .collect(),
        None => has_value,
    }
}

impl GroupsAccumulator for DistinctPairs {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        passes: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        let [values] = values else { return internal_err!("`count` of distinct values takes one column") };
        self.counts.resize(total, 0);
        if passes.is_none() && values.null_count() == 0 {
            return self.add(values, |at| groups.get(at).copied());
        }
        let counted = counted(values, passes);
        let rows: Vec<usize> = (0..counted.len()).filter(|row| counted.value(*row)).collect();
        let values = filter(values, &counted)?;
        self.add(&values, |at| groups.get(*rows.get(at)?).copied())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let counts = emit_to.take_needed(&mut self.counts);
        self.take_pairs(counts.len(), emit_to);
        if matches!(emit_to, EmitTo::All) {
            self.values = dictionary(&self.kind)?;
        }
        Ok(Arc::new(Int64Array::from(counts)))
    }

    /// Returns a list of values for each group, as the accumulators of DataFusion have it.
    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let counts = emit_to.take_needed(&mut self.counts);
        let mut pairs = self.take_pairs(counts.len(), emit_to);
        pairs.sort_unstable();
        let numbers = UInt32Array::from_iter_values(pairs.into_iter().map(|(_, number)| number));
        // The dictionary gives its values away only all at once, so those of other groups go back into a new one, where
        // they get the same numbers again.
        let distinct = match self.values.emit(EmitTo::All)?.pop() {
            Some(values) => values,
            None => new_empty_array(&self.kind),
        };
        self.values = dictionary(&self.kind)?;
        if !matches!(emit_to, EmitTo::All) && !distinct.is_empty() {
            self.values.intern(std::slice::from_ref(&distinct), &mut self.numbers)?;
        }
        let values = take(&distinct, &numbers, None)?;
        let lengths = counts.iter().map(|count| usize::try_from(*count).unwrap_or_default());
        let field = Arc::new(Field::new_list_field(self.kind.clone(), true));
        Ok(vec![Arc::new(ListArray::try_new(field, OffsetBuffer::from_lengths(lengths), values, None)?)])
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        let [states] = states else { return internal_err!("`count` of distinct values has one state") };
        self.counts.resize(total, 0);
        let lists = states.as_list::<i32>();
        let offsets = lists.value_offsets();
        let (first, last) = match (offsets.first(), offsets.last()) {
            (Some(first), Some(last)) if first < last => (*first as usize, *last as usize),
            _ => return Ok(()),
        };
        let values = lists.values().slice(first, last - first);
        let mut list = 0;
        self.add(&values, |at| {
            while offsets.get(list + 1).is_some_and(|end| (*end as usize) <= at + first) {
                list += 1;
            }
            groups.get(list).copied()
        })
    }

    fn convert_to_state(&self, values: &[ArrayRef], passes: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let [values] = values else { return internal_err!("`count` of distinct values takes one column") };
        let counted = counted(values, passes);
        let lengths = (0..counted.len()).map(|row| usize::from(counted.value(row)));
        let offsets = OffsetBuffer::from_lengths(lengths);
        let field = Arc::new(Field::new_list_field(self.kind.clone(), true));
        Ok(vec![Arc::new(ListArray::try_new(field, offsets, filter(values, &counted)?, None)?)])
    }

    fn size(&self) -> usize {
        // A hash table has a byte of its own beside each place.
        let pairs = self.pairs.capacity() * (size_of::<(u32, u32)>() + 1);
        let vectors = self.counts.capacity() * size_of::<i64>() + self.numbers.capacity() * size_of::<usize>();
        size_of::<Self>() + self.values.size() + pairs + vectors
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Float64Array, StringArray, StringViewArray};
    use proptest::prelude::*;

    /// Counts distinct pairs the slow way.
    fn slowly(values: &[Option<String>], groups: &[usize], passes: &[Option<bool>], total: usize) -> Vec<i64> {
        let mut sets = vec![HashSet::new(); total];
        for ((value, group), passes) in values.iter().zip(groups).zip(passes) {
            if let (Some(value), Some(true)) = (value, passes) {
                sets[*group].insert(value.clone());
            }
        }
        sets.iter().map(|set| set.len() as i64).collect()
    }

    fn numbers(array: &ArrayRef) -> Vec<i64> {
        array.as_primitive::<arrow::datatypes::Int64Type>().values().to_vec()
    }

    proptest! {
        #[test]
        fn it_counts_what_sets_count(
            rows in proptest::collection::vec(
                (proptest::option::of("[a-c]{0,2}|a long text of which there are three: [x-z]"), 0..6usize,
                 proptest::option::of(any::<bool>())), 0..60),
            cut in 0..60usize, emitted in 1..6usize, views in any::<bool>(),
        ) {
            let array = |rows: &[(Option<String>, usize, Option<bool>)]| -> ArrayRef {
                let texts = rows.iter().map(|row| row.0.as_deref());
                if views {
                    Arc::new(texts.collect::<StringViewArray>())
                } else {
                    Arc::new(texts.collect::<StringArray>())
                }
            };
            let groups: Vec<usize> = rows.iter().map(|row| row.1).collect();
            let passes: Vec<Option<bool>> = rows.iter().map(|row| row.2).collect();
            let values: Vec<Option<String>> = rows.iter().map(|row| row.0.clone()).collect();
            let expected = slowly(&values, &groups, &passes, 6);
            let kind = array(&rows).data_type().clone();
            let new = || DistinctPairs::new(kind.clone()).unwrap();
            let cut = cut.min(rows.len());
            let mut parts = [new(), new()];
            for (part, range) in parts.iter_mut().zip([0..cut, cut..rows.len()]) {
                let passes = BooleanArray::from(passes[range.clone()].to_vec());
                part.update_batch(&[array(&rows[range.clone()])], &groups[range], Some(&passes), 6).unwrap();
            }
            // Two halves merged, one by state and emitted in two steps, the other row by row.
            let mut merged = new();
            let [first, _] = &mut parts;
            let all: Vec<usize> = (0..6).collect();
            let state = first.state(EmitTo::First(emitted)).unwrap();
            merged.merge_batch(&state, &all[..emitted], 6).unwrap();
            let state = first.state(EmitTo::All).unwrap();
            merged.merge_batch(&state, &all[emitted..], 6).unwrap();
            let rest = &rows[cut..];
            let passes = BooleanArray::from(passes[cut..].to_vec());
            let state = new().convert_to_state(&[array(rest)], Some(&passes)).unwrap();
            merged.merge_batch(&state, &groups[cut..], 6).unwrap();
            let mut found = numbers(&merged.evaluate(EmitTo::First(emitted)).unwrap());
            found.extend(numbers(&merged.evaluate(EmitTo::All).unwrap()));
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn floats_that_are_no_numbers_are_one_value() {
        let mut count = DistinctPairs::new(DataType::Float64).unwrap();
        let values: ArrayRef = Arc::new(Float64Array::from(vec![1.0, f64::NAN, 2.0, f64::NAN]));
        count.update_batch(&[values], &[0; 4], None, 1).unwrap();
        assert_eq!(numbers(&count.evaluate(EmitTo::All).unwrap()), [3]);
    }
}
