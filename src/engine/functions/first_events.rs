//! `first_events(event_time, event_id, source_id, n)`: the first events of a group, in bounded memory.
//!
//! `array_agg` with an order keeps every value of a group before it cuts. A report that names a few events of each
//! figure would hold the whole range in memory for them.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, ListArray, StringBuilder, StructArray};
use arrow::buffer::OffsetBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Int64Type, TimeUnit};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility,
};
use datafusion::physical_expr::expressions::Literal;
use datafusion::scalar::ScalarValue;
use std::collections::BTreeSet;
use std::mem::size_of;
use std::sync::Arc;

/// Makes the function.
pub fn first_events() -> AggregateUDF {
    AggregateUDF::new_from_impl(FirstEvents { signature: Signature::any(4, Volatility::Immutable) })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct FirstEvents {
    signature: Signature,
}

/// The members of an event in an answer.
fn members(time: DataType) -> Fields {
    Fields::from(vec![
        Field::new("time", time, true),
        Field::new("id", DataType::Utf8, true),
        Field::new("source", DataType::Utf8, true),
    ])
}

fn list_of(time: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("item", DataType::Struct(members(time)), true)))
}

impl AggregateUDFImpl for FirstEvents {
    fn name(&self) -> &str {
        "first_events"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        match arguments.first() {
            Some(time @ DataType::Timestamp(TimeUnit::Microsecond, _)) => Ok(list_of(time.clone())),
            _ => plan_err!("`first_events` takes event_time, event_id, source_id and a number"),
        }
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new("first_events", args.return_field.data_type().clone(), true))])
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(First::of(&args)?))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(FirstByGroup { empty: First::of(&args)?, groups: Vec::new(), bytes: 0 }))
    }
}

impl First {
    /// Begins a group with the arguments of a call.
    fn of(args: &AccumulatorArgs<'_>) -> Result<Self> {
        let number = args.exprs.get(3).and_then(|expression| expression.downcast_ref::<Literal>());
        let number = number.and_then(|literal| match literal.value() {
            ScalarValue::Int64(Some(number)) => usize::try_from(*number).ok(),
            _ => None,
        });
        let Some(most) = number else { return plan_err!("the last argument of `first_events` is a number, 0 or more") };
        let DataType::List(item) = args.return_field.data_type() else {
            return plan_err!("`first_events` gives a list");
        };
        let DataType::Struct(members) = item.data_type() else { return plan_err!("`first_events` gives events") };
        Ok(First { most, members: members.clone(), events: BTreeSet::new(), bytes: 0 })
    }
}

/// An event by its time, those without a time last, its id and its source.
type Event = (bool, i64, Option<String>, Option<String>);

/// The first events so far.
#[derive(Debug, Clone)]
struct First {
    most: usize,
    members: Fields,
    events: BTreeSet<Event>,
    /// Bytes of the texts.
    bytes: usize,
}

impl First {
    fn add(&mut self, time: Option<i64>, id: Option<&str>, source: Option<&str>) {
        let key = (time.is_none(), time.unwrap_or(0));
        if self.events.len() >= self.most {
            // Most events come late, and are passed over before their texts are copied.
            match self.events.last() {
                Some(last) if (last.0, last.1, last.2.as_deref(), last.3.as_deref()) > (key.0, key.1, id, source) => {}
                _ => return,
            }
        }
        let event = (key.0, key.1, id.map(str::to_owned), source.map(str::to_owned));
        let size = text_bytes(&event);
        if !self.events.insert(event) {
            return;
        }
        self.bytes += size;
        if self.events.len() > self.most
            && let Some(last) = self.events.pop_last()
        {
            self.bytes -= text_bytes(&last);
        }
    }

    /// Bytes of its events.
    fn held(&self) -> usize {
        self.events.len() * size_of::<Event>() + self.bytes
    }

    fn add_all(&mut self, times: &ArrayRef, ids: &ArrayRef, sources: &ArrayRef) -> Result<()> {
        let times = cast(times, &DataType::Int64)?;
        let times: &Int64Array = times.as_primitive::<Int64Type>();
        for row in 0..times.len() {
            let time = times.is_valid(row).then(|| times.value(row));
            self.add(time, super::text_at(ids, row), super::text_at(sources, row));
        }
        Ok(())
    }
}

/// Makes one list of events for each group.
fn lists(members: &Fields, groups: &[First]) -> Result<ListArray> {
    let (mut times, mut ids, mut sources) = (Vec::new(), StringBuilder::new(), StringBuilder::new());
    for (is_absent, time, id, source) in groups.iter().flat_map(|group| &group.events) {
        times.push((!is_absent).then_some(*time));
        ids.append_option(id.as_deref());
        sources.append_option(source.as_deref());
    }
    let kind = members.first().map_or(DataType::Int64, |time| time.data_type().clone());
    let times = cast(&Int64Array::from(times), &kind)?;
    let columns: Vec<ArrayRef> = vec![times, Arc::new(ids.finish()), Arc::new(sources.finish())];
    let events = StructArray::try_new(members.clone(), columns, None)?;
    let item = Arc::new(Field::new("item", DataType::Struct(members.clone()), true));
    let offsets = OffsetBuffer::from_lengths(groups.iter().map(|group| group.events.len()));
    Ok(ListArray::try_new(item, offsets, Arc::new(events), None)?)
}

fn text_bytes((_, _, id, source): &Event) -> usize {
    [id, source].into_iter().flatten().map(String::len).sum()
}

impl Accumulator for First {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let [times, ids, sources, ..] = values else { return exec_err!("`first_events` takes four arguments") };
        if self.most == 0 {
            return Ok(());
        }
        self.add_all(times, ids, sources)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::List(Arc::new(lists(&self.members, std::slice::from_ref(self))?)))
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.held()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate()?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let Some(lists) = states.first().and_then(|state| state.as_list_opt::<i32>()) else {
            return exec_err!("the state of `first_events` is a list");
        };
        for row in 0..lists.len() {
            let events = lists.value(row);
            let Some(events) = events.as_struct_opt() else { continue };
            let [times, ids, sources] = events.columns() else { continue };
            self.add_all(times, ids, sources)?;
        }
        Ok(())
    }
}

/// The first events of many groups.
///
/// DataFusion would cut each batch into a part for each group first, which takes ten times as long as to read it where
/// there are thousands of groups.
#[derive(Debug)]
struct FirstByGroup {
    empty: First,
    groups: Vec<First>,
    /// Bytes of the events of all groups.
    bytes: usize,
}

impl FirstByGroup {
    fn grow(&mut self, groups: usize) {
        if self.groups.len() < groups {
            self.groups.resize(groups, self.empty.clone());
        }
    }

    /// Changes a group, and counts what it holds then.
    fn change(&mut self, group: usize, add: impl FnOnce(&mut First) -> Result<()>) -> Result<()> {
        let Some(first) = self.groups.get_mut(group) else { return exec_err!("`first_events` has no group {group}") };
        let before = first.held();
        let added = add(first);
        self.bytes = self.bytes.saturating_add(first.held()).saturating_sub(before);
        added
    }

    fn emit(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let groups = emit_to.take_needed(&mut self.groups);
        self.bytes = self.bytes.saturating_sub(groups.iter().map(First::held).sum());
        Ok(Arc::new(lists(&self.empty.members, &groups)?))
    }
}

impl GroupsAccumulator for FirstByGroup {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        let [times, ids, sources, ..] = values else { return exec_err!("`first_events` takes four arguments") };
        self.grow(total_num_groups);
        if self.empty.most == 0 {
            return Ok(());
        }
        let times = cast(times, &DataType::Int64)?;
        let times: &Int64Array = times.as_primitive::<Int64Type>();
        let passes = |row: usize| opt_filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
        for (row, group) in group_indices.iter().enumerate().filter(|(row, _)| passes(*row)) {
            let time = times.is_valid(row).then(|| times.value(row));
            self.change(*group, |first| {
                first.add(time, super::text_at(ids, row), super::text_at(sources, row));
                Ok(())
            })?;
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        self.emit(emit_to)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.emit(emit_to)?])
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        let Some(lists) = values.first().and_then(|state| state.as_list_opt::<i32>()) else {
            return exec_err!("the state of `first_events` is a list");
        };
        self.grow(total_num_groups);
        for (row, group) in group_indices.iter().enumerate() {
            let events = lists.value(row);
            let Some(events) = events.as_struct_opt() else { continue };
            let [times, ids, sources] = events.columns() else { continue };
            self.change(*group, |first| first.add_all(times, ids, sources))?;
        }
        Ok(())
    }

    fn convert_to_state(&self, values: &[ArrayRef], opt_filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let rows = values.first().map_or(0, Array::len);
        let mut each = Self { empty: self.empty.clone(), groups: Vec::new(), bytes: 0 };
        each.update_batch(values, &(0..rows).collect::<Vec<_>>(), opt_filter, rows)?;
        each.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        self.groups.capacity() * size_of::<First>() + self.bytes
    }
}
