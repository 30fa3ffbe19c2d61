//! Numbers: `to_base`, `from_base`, `bit_count` and `width_bucket`.

use super::frame::{Cell, Definition, Gives, Row, Takes};
use datafusion::common::exec_err;
use datafusion::logical_expr::ScalarUDF;

use Takes::{Double, Int, Text};

/// Makes the functions.
pub(super) fn functions() -> Vec<ScalarUDF> {
    let define = |name, takes: &'static [Takes], gives| Definition { name, takes, least: takes.len(), gives };
    let mut functions = vec![
        define("sls_bit_count", &[Int, Int], Gives::Int(bit_count)).function(),
        define("sls_to_base", &[Int, Int], Gives::Text(to_base)).function(),
        define("sls_width_bucket", &[Double, Double, Double, Int], Gives::Int(width_bucket)).function(),
    ];
    functions.extend(define("sls_from_base", &[Text, Int], Gives::Int(from_base)).with_twin());
    functions
}

fn radix(row: &Row<'_>) -> datafusion::error::Result<u32> {
    match row.int(1) {
        radix @ 2..=36 => Ok(u32::try_from(radix).unwrap_or(10)),
        other => exec_err!("a base is 2 to 36, not {other}"),
    }
}

fn to_base(row: &Row<'_>) -> Cell<String> {
    let radix = radix(row)?;
    let (mut rest, mut digits) = (row.int(0).unsigned_abs(), Vec::new());
    loop {
        let digit = u32::try_from(rest % u64::from(radix)).unwrap_or(0);
        digits.extend(char::from_digit(digit, radix));
        rest /= u64::from(radix);
        if rest == 0 {
            break;
        }
    }
    if row.int(0) < 0 {
        digits.push('-');
    }
    Ok(Some(digits.iter().rev().collect()))
}

fn from_base(row: &Row<'_>) -> Cell<i64> {
    let radix = radix(row)?;
    match i64::from_str_radix(row.text(0), radix) {
        Ok(number) => Ok(Some(number)),
        Err(_) => exec_err!("not a number of base {radix}: `{}`", row.text(0)),
    }
}

/// The bits that are set of a number in two's complement of so many bits.
fn bit_count(row: &Row<'_>) -> Cell<i64> {
    let (number, bits) = (row.int(0), row.int(1));
    if !(2..=64).contains(&bits) {
        return exec_err!("a number has 2 to 64 bits, not {bits}");
    }
    let mask = if bits == 64 { u64::MAX } else { (1 << bits) - 1 };
    Ok(Some(i64::from((number.cast_unsigned() & mask).count_ones())))
}

fn width_bucket(row: &Row<'_>) -> Cell<i64> {
    let (value, low, high, buckets) = (row.double(0), row.double(1), row.double(2), row.int(3));
    if buckets < 1 || low == high || !(low.is_finite() && high.is_finite()) || value.is_nan() {
        return exec_err!("`width_bucket` takes a number, two different bounds and a number of buckets");
    }
    let share = (value - low) / (high - low);
    Ok(Some(if share < 0.0 {
        0
    } else if share >= 1.0 {
        buckets.saturating_add(1)
    } else {
        (share * buckets as f64) as i64 + 1
    }))
}
