//! Geometry of the report's two charts. Coordinates only: the HTML template draws them.
//!
//! Units are those of the SVG's `viewBox`, y grows downwards, and coordinates are rounded to a tenth.

use super::model::{DayState, DayUse, PeriodState, RootUsage};
use super::wording::{self, CLASSES, COMPARED, DRAWN, grouped};

/// Height of the drawing area of the histogram.
const PLOT: f64 = 150.0;
/// Above the drawing area, for the count on the tallest bar.
const TOP: f64 = 22.0;
/// Left of the drawing area, for the scale.
const LEFT: f64 = 44.0;
/// Below the drawing area, for the days.
const BOTTOM: f64 = 36.0;

/// A rectangle.
#[derive(Debug, Clone, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: String,
    /// Upper edge.
    pub y: String,
    /// Width.
    pub w: String,
    /// Height.
    pub h: String,
    /// CSS class.
    pub class: String,
    /// The text for a pointer or a screen reader.
    pub title: String,
}

/// A text.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// Its anchor.
    pub x: String,
    /// Its base line.
    pub y: String,
    /// The text.
    pub text: String,
    /// CSS class.
    pub class: &'static str,
}

/// A drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Width of the `viewBox`.
    pub width: String,
    /// Height of the `viewBox`.
    pub height: String,
    /// Its title.
    pub title: String,
    /// The same in words.
    pub description: String,
    /// Heights of horizontal lines.
    pub lines: Vec<String>,
    /// The start of these lines.
    pub lines_from: String,
    /// The end of these lines.
    pub lines_to: String,
    /// The bars.
    pub rects: Vec<Rect>,
    /// The texts.
    pub labels: Vec<Label>,
}

fn c(n: f64) -> String {
    let rounded = (n * 10.0).round() / 10.0;
    format!("{rounded}")
}

/// The smallest even round number that is not below `n`, so that its half can be marked too; 1 for 1.
fn scale_end(n: u64) -> u64 {
    let mut power = 1u64;
    loop {
        for step in [1, 2, 4, 6, 8, 10, 14] {
            let end = power.saturating_mul(step);
            if end >= n || end == u64::MAX {
                return end;
            }
        }
        power = power.saturating_mul(10);
    }
}

/// The root events of each day, stacked by class.
pub fn histogram(days: &[DayUse]) -> Chart {
    let many = days.len() > 14;
    let slot = if many { 22.0 } else { (352.0 / days.len().max(1) as f64).min(90.0) };
    let width = LEFT + slot * days.len() as f64 + 4.0;
    let end = scale_end(days.iter().map(DayUse::root_events).max().unwrap_or(0).max(1));
    let height_of = |n: u64| n as f64 / end as f64 * PLOT;
    let base = TOP + PLOT;
    let (mut rects, mut labels) = (Vec::new(), Vec::new());
    let mut lines = vec![c(base)];
    for part in if end == 1 { vec![0, 1] } else { vec![0, end / 2, end] } {
        let y = base - height_of(part);
        if part > 0 {
            lines.push(c(y));
        }
        labels.push(Label { x: c(LEFT - 6.0), y: c(y + 4.0), text: grouped(part), class: "end" });
    }
    for (n, day) in days.iter().enumerate() {
        let x = LEFT + slot * n as f64;
        let middle = x + slot / 2.0;
        let bar = (x + slot * 0.15, slot * 0.7);
        match day.state {
            DayState::NoEventsDelivered => {
                rects.push(rect((bar.0, TOP), (bar.1, PLOT), "hatch", format!("{}: no events delivered", day.day)));
                if !many {
                    let label =
                        |y, text: &str| Label { x: c(middle), y: c(y), text: text.to_owned(), class: "mid nodata" };
                    labels.extend([label(TOP + PLOT / 2.0 - 2.0, "no"), label(TOP + PLOT / 2.0 + 12.0, "data")]);
                }
            }
            DayState::NoRootEvents | DayState::OtherRegionsOnly => {
                labels.push(Label { x: c(middle), y: c(base - 5.0), text: "0".to_owned(), class: "mid dim" });
            }
            DayState::Events => {
                let mut y = base;
                for (class, (name, count)) in CLASSES.iter().enumerate() {
                    let count = count(day);
                    if count > 0 {
                        // What there is shows, however small.
                        let height = height_of(count).max(1.5);
                        y -= height;
                        let title = format!("{}: {} {}", day.day, name, grouped(count));
                        rects.push(rect((bar.0, y), (bar.1, height), &format!("class{class}"), title));
                    }
                }
                if !many {
                    let text = grouped(day.root_events());
                    labels.push(Label { x: c(middle), y: c(y - 5.0), text, class: "mid strong" });
                }
            }
        }
        if !many {
            labels.push(Label { x: c(middle), y: c(base + 15.0), text: day.day.weekday(), class: "mid" });
        }
        if !many || n % 3 == 0 {
            labels.push(Label { x: c(middle), y: c(base + 29.0), text: day.day.short(), class: "mid dim" });
        }
    }
    Chart {
        width: c(width.max(LEFT + 80.0)),
        height: c(base + BOTTOM),
        title: "Root events by day".to_owned(),
        description: describe_days(days),
        lines,
        lines_from: c(LEFT),
        lines_to: c(width),
        rects,
        labels,
    }
}

fn describe_days(days: &[DayUse]) -> String {
    let one = |day: &DayUse| match day.state {
        DayState::Events => format!("{}: {}", day.day, grouped(day.root_events())),
        _ => format!("{}: {}", day.day, wording::day_state(day)),
    };
    days.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// One small chart a compared figure, with one bar a period, the oldest first.
pub fn comparisons(report: &RootUsage) -> Vec<Chart> {
    COMPARED
        .iter()
        .take(DRAWN)
        .map(|(name, figure)| {
            let values: Vec<(String, PeriodState, Option<u64>)> = report
                .comparison
                .iter()
                .rev()
                .map(|period| (short(&period.label()), period.state, period.figures.as_ref().map(figure)))
                .collect();
            comparison(name, &values)
        })
        .collect()
}

/// `W45` of `2026-W45`, `11-02` of `2026-11-02`.
fn short(label: &str) -> String {
    label.split_once('-').map_or(label, |(_, rest)| rest).to_owned()
}

fn comparison(name: &str, values: &[(String, PeriodState, Option<u64>)]) -> Chart {
    const SLOT: f64 = 38.0;
    const HEIGHT: f64 = 70.0;
    const ABOVE: f64 = 18.0;
    let most = values.iter().filter_map(|(_, _, value)| *value).max().unwrap_or(0).max(1);
    let base = ABOVE + HEIGHT;
    let (mut rects, mut labels, mut told) = (Vec::new(), Vec::new(), Vec::new());
    for (n, (label, state, value)) in values.iter().enumerate() {
        let x = SLOT * n as f64 + 4.0;
        let middle = x + SLOT / 2.0 - 2.0;
        let mut class = if n + 1 == values.len() { "now".to_owned() } else { "past".to_owned() };
        let said = match value {
            Some(value) => {
                if *state == PeriodState::SomeDays {
                    class.push_str(" part");
                }
                let height = if *value == 0 { 0.0 } else { (*value as f64 / most as f64 * HEIGHT).max(1.5) };
                if height > 0.0 {
                    rects.push(rect(
                        (x, base - height),
                        (SLOT - 4.0, height),
                        &class,
                        format!("{label}: {}", grouped(*value)),
                    ));
                }
                let class = if n + 1 == values.len() { "mid strong" } else { "mid" };
                labels.push(Label { x: c(middle), y: c(base - height - 4.0), text: grouped(*value), class });
                grouped(*value)
            }
            None => {
                rects.push(rect((x, ABOVE), (SLOT - 4.0, HEIGHT), "hatch", format!("{label}: no data")));
                let label = |y, text: &str| Label { x: c(middle), y: c(y), text: text.to_owned(), class: "mid nodata" };
                labels.extend([label(ABOVE + HEIGHT / 2.0 - 2.0, "no"), label(ABOVE + HEIGHT / 2.0 + 11.0, "data")]);
                wording::NO_DATA.to_owned()
            }
        };
        labels.push(Label { x: c(middle), y: c(base + 14.0), text: label.clone(), class: "mid dim" });
        told.push(format!("{label}: {said}"));
    }
    let width = SLOT * values.len() as f64 + 4.0;
    Chart {
        width: c(width),
        height: c(base + 20.0),
        title: name.to_owned(),
        description: told.join("; "),
        lines: vec![c(base)],
        lines_from: c(0.0),
        lines_to: c(width),
        rects,
        labels,
    }
}

fn rect((x, y): (f64, f64), (w, h): (f64, f64), class: &str, title: String) -> Rect {
    Rect { x: c(x), y: c(y), w: c(w), h: c(h), class: class.to_owned(), title }
}
