//! Statistics over the values of a group, which `array_agg` has collected: `numeric_histogram`, `skewness`, `kurtosis`.

use super::frame::{Cell, Definition, DoubleEntries, Gives, Row, Takes};
use datafusion::common::exec_err;
use datafusion::logical_expr::ScalarUDF;

use Takes::{Doubles, Int};

/// The most buckets of a histogram.
const MOST_BUCKETS: i64 = 10_000;

/// Makes the functions.
pub(super) fn functions() -> Vec<ScalarUDF> {
    let define = |name, takes: &'static [Takes], gives| Definition { name, takes, least: takes.len(), gives };
    [
        define("sls_numeric_histogram", &[Int, Doubles], Gives::DoubleMap(numeric_histogram)),
        define("sls_skewness", &[Doubles], Gives::Double(skewness)),
        define("sls_kurtosis", &[Doubles], Gives::Double(kurtosis)),
        define("sls_geometric_mean", &[Doubles], Gives::Double(geometric_mean)),
    ]
    .map(Definition::function)
    .into()
}

/// The centres of at most so many buckets with their weights: the two that are nearest are merged until few are left.
fn numeric_histogram(row: &Row<'_>) -> Cell<DoubleEntries> {
    let most = match row.int(0) {
        most @ 2..=MOST_BUCKETS => usize::try_from(most).unwrap_or(2),
        other => return exec_err!("the number of buckets is 2 to {MOST_BUCKETS}, not {other}"),
    };
    let mut values = row.doubles(1);
    values.retain(|value| !value.is_nan());
    values.sort_by(f64::total_cmp);
    let mut buckets: Vec<(f64, f64)> = Vec::new();
    for value in values {
        match buckets.last_mut() {
            Some((centre, weight)) if *centre == value => *weight += 1.0,
            _ => buckets.push((value, 1.0)),
        }
        // Merged by portions: one merge looks at all buckets.
        if buckets.len() > most.saturating_mul(4).max(1024) {
            merge(&mut buckets, most.saturating_mul(2));
        }
    }
    merge(&mut buckets, most);
    Ok((!buckets.is_empty()).then_some(buckets))
}

/// Merges the nearest buckets, until so many are left.
fn merge(buckets: &mut Vec<(f64, f64)>, most: usize) {
    while buckets.len() > most {
        let gap = |at: usize| buckets[at + 1].0 - buckets[at].0;
        let Some(nearest) = (0..buckets.len() - 1).min_by(|a, b| gap(*a).total_cmp(&gap(*b))) else { return };
        let (right, right_weight) = buckets.remove(nearest + 1);
        if let Some((centre, weight)) = buckets.get_mut(nearest) {
            *centre = (*centre * *weight + right * right_weight) / (*weight + right_weight);
            *weight += right_weight;
        }
    }
}

/// Number, and sums of the second, third and fourth powers of the distance from the mean.
fn moments(values: &[f64]) -> (f64, f64, f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let sum = |power: i32| values.iter().map(|value| (value - mean).powi(power)).sum::<f64>();
    (count, sum(2), sum(3), sum(4))
}

fn skewness(row: &Row<'_>) -> Cell<f64> {
    let (n, second, third, _) = moments(&row.doubles(0));
    Ok((n >= 3.0).then(|| n.sqrt() * third / second.powf(1.5)))
}

/// The excess kurtosis of a sample, without bias.
fn kurtosis(row: &Row<'_>) -> Cell<f64> {
    let (n, second, _, fourth) = moments(&row.doubles(0));
    let of_sample = || {
        let variance = second / (n - 1.0);
        n * (n + 1.0) / ((n - 1.0) * (n - 2.0) * (n - 3.0)) * fourth / variance.powi(2)
            - 3.0 * (n - 1.0).powi(2) / ((n - 2.0) * (n - 3.0))
    };
    Ok((n >= 4.0).then(of_sample))
}

fn geometric_mean(row: &Row<'_>) -> Cell<f64> {
    let values = row.doubles(0);
    let mean = values.iter().map(|value| value.ln()).sum::<f64>() / values.len() as f64;
    Ok((!values.is_empty()).then(|| mean.exp()))
}
