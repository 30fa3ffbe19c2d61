//! `sum`, as DataFusion has it, with sums of whole numbers that are errors where they pass 64 bits.
//!
//! DataFusion's own sums wrap around. Here whole numbers are added as decimals of 38 digits, and only the result has to
//! be a whole number of 64 bits, so that the order of the rows makes no difference.

use arrow::array::{ArrayRef, BooleanArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::exec_datafusion_err;
use datafusion::error::Result;
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Documentation, EmitTo, GroupsAccumulator, ReversedUDAF,
    SetMonotonicity, Signature,
};
use datafusion::scalar::ScalarValue;
use std::sync::Arc;

/// The type that whole numbers are added in: the sum of 10^19 of them fits.
const WIDE: DataType = DataType::Decimal128(38, 0);

/// DataFusion's own `sum`, but for whole numbers.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Sum {
    inner: Arc<AggregateUDF>,
}

/// Makes the function.
pub fn sum() -> AggregateUDF {
    AggregateUDF::new_from_impl(Sum { inner: sum_udaf() })
}

fn is_whole(field: &FieldRef) -> bool {
    *field.data_type() == DataType::Int64
}

/// Returns a field whose type is that of the additions.
fn widened(field: &FieldRef) -> FieldRef {
    Arc::new(field.as_ref().clone().with_data_type(WIDE))
}

fn too_large() -> datafusion::error::DataFusionError {
    exec_datafusion_err!("`sum` is more than a whole number of 64 bits holds: cast to double or decimal")
}

impl AggregateUDFImpl for Sum {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        self.inner.return_type(arguments)
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let return_field = if is_whole(&args.return_field) { widened(&args.return_field) } else { args.return_field };
        self.inner.state_fields(StateFieldsArgs { return_field, ..args })
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        if !is_whole(&args.return_field) {
            return self.inner.accumulator(args);
        }
        let return_field = widened(&args.return_field);
        Ok(Box::new(Narrowed(self.inner.accumulator(AccumulatorArgs { return_field, ..args })?)))
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        self.inner.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        if !is_whole(&args.return_field) {
            return self.inner.create_groups_accumulator(args);
        }
        let return_field = widened(&args.return_field);
        Ok(Box::new(Narrowed(self.inner.create_groups_accumulator(AccumulatorArgs { return_field, ..args })?)))
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        // DataFusion has a sum of distinct values in a moving frame for whole numbers of 64 bits alone.
        if !is_whole(&args.return_field) || args.is_distinct {
            return self.inner.create_sliding_accumulator(args);
        }
        let return_field = widened(&args.return_field);
        Ok(Box::new(Narrowed(self.inner.create_sliding_accumulator(AccumulatorArgs { return_field, ..args })?)))
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        self.inner.order_sensitivity()
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::Identical
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.inner.documentation()
    }

    fn set_monotonicity(&self, kind: &DataType) -> SetMonotonicity {
        self.inner.inner().set_monotonicity(kind)
    }
}

/// Adds whole numbers in a wider type, and gives a whole number.
#[derive(Debug)]
struct Narrowed<A>(A);

fn wide(values: &[ArrayRef]) -> Result<Vec<ArrayRef>> {
    values.iter().map(|values| Ok(cast(values, &WIDE)?)).collect()
}

impl Accumulator for Narrowed<Box<dyn Accumulator>> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.0.update_batch(&wide(values)?)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        match self.0.evaluate()? {
            ScalarValue::Decimal128(Some(sum), ..) => {
                Ok(ScalarValue::Int64(Some(i64::try_from(sum).map_err(|_| too_large())?)))
            }
            _ => Ok(ScalarValue::Int64(None)),
        }
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.0.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.0.state()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.0.merge_batch(states)
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.0.retract_batch(&wide(values)?)
    }

    fn supports_retract_batch(&self) -> bool {
        self.0.supports_retract_batch()
    }
}

impl GroupsAccumulator for Narrowed<Box<dyn GroupsAccumulator>> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        passes: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.0.update_batch(&wide(values)?, groups, passes, total)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let sums = self.0.evaluate(emit_to)?;
        let whole = cast(&sums, &DataType::Int64)?;
        // A sum that does not fit has become null.
        if whole.null_count() > sums.null_count() { Err(too_large()) } else { Ok(whole) }
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        self.0.state(emit_to)
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.0.merge_batch(states, groups, total)
    }

    fn convert_to_state(&self, values: &[ArrayRef], passes: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        self.0.convert_to_state(&wide(values)?, passes)
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.0.size()
    }
}
