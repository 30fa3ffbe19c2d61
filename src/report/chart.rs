//! Geometry of the report's charts. Coordinates only: the HTML template draws them.
//!
//! Units are those of the SVG's `viewBox`, y grows downwards, and coordinates are rounded to a tenth. Heights are
//! proportional to counts, so that bars of the same count have the same height.

use super::language::CLASSES;
use super::model::{DayState, DayUse, HeatMap};
use super::wording::grouped;

/// Height of the drawing area of the histogram.
const PLOT: f64 = 150.0;
/// Above the drawing area, for the count on the tallest bar.
const TOP: f64 = 22.0;
/// Left of the drawing area, for the scale.
const LEFT: f64 = 44.0;
/// Below the drawing area, for the days.
const BOTTOM: f64 = 36.0;
/// From how many days on a bar is narrow and has no texts.
const MANY_DAYS: usize = 14;
/// The smallest height of a bar that is not empty.
const LEAST: f64 = 2.0;

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

/// Writes a coordinate.
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

/// The texts of a day of the histogram.
pub(crate) struct DayLabel {
    /// The weekday.
    pub weekday: String,
    /// Day and month.
    pub date: String,
    /// The state, where the counts do not say it.
    pub state: Option<String>,
}

/// The root events of each day, stacked by class.
pub(crate) fn histogram(days: &[DayUse], labels: &[DayLabel], classes: &[String], title: String) -> Chart {
    let many = days.len() > MANY_DAYS;
    let slot = if many { 22.0 } else { (476.0 / days.len().max(1) as f64).min(90.0) };
    let width = LEFT + slot * days.len() as f64 + 4.0;
    let end = scale_end(days.iter().map(DayUse::root_events).max().unwrap_or(0).max(1));
    let base = TOP + PLOT;
    let mut chart = Chart {
        width: c(width.max(LEFT + 80.0)),
        height: c(base + BOTTOM),
        title,
        description: String::new(),
        lines: vec![c(base)],
        lines_from: c(LEFT),
        lines_to: c(width),
        rects: Vec::new(),
        labels: Vec::new(),
    };
    for part in if end == 1 { vec![0, 1] } else { vec![0, end / 2, end] } {
        let y = base - part as f64 / end as f64 * PLOT;
        if part > 0 {
            chart.lines.push(c(y));
        }
        chart.label(LEFT - 6.0, y + 4.0, grouped(part), "end");
    }
    let mut told = Vec::new();
    for (n, (day, label)) in days.iter().zip(labels).enumerate() {
        let x = LEFT + slot * n as f64;
        let middle = x + slot / 2.0;
        let bar = (x + slot * 0.15, slot * 0.7);
        let name = format!("{} {}", label.weekday, label.date);
        let said = match (&label.state, day.state) {
            (Some(state), DayState::Events) => format!("{} ({state})", grouped(day.root_events())),
            (Some(state), _) => state.clone(),
            (None, _) => grouped(day.root_events()),
        };
        match day.state {
            DayState::NoEventsDelivered => {
                chart.rects.push(rect((bar.0, TOP), (bar.1, PLOT), "hatch", format!("{name}: {said}")));
            }
            DayState::NotYet => {}
            DayState::NoRootEvents | DayState::OtherRegionsOnly => {
                chart.label(middle, base - 5.0, "0".to_owned(), "mid dim");
            }
            DayState::Events => {
                let top = chart.stack(bar, base, PLOT / end as f64, day, classes, &name);
                if !many {
                    chart.label(middle, top - 5.0, grouped(day.root_events()), "mid strong");
                }
            }
        }
        if !many {
            chart.label(middle, base + 15.0, label.weekday.clone(), "mid");
        }
        if !many || n % 3 == 0 {
            chart.label(middle, base + 29.0, label.date.clone(), "mid dim");
        }
        told.push(format!("{name}: {said}"));
    }
    chart.description = told.join("; ");
    chart
}

impl Chart {
    fn label(&mut self, x: f64, y: f64, text: String, class: &'static str) {
        self.labels.push(Label { x: c(x), y: c(y), text, class });
    }

    /// Stacks the classes of a day and returns the upper edge. A bar that would be too low to see grows as one.
    fn stack(
        &mut self,
        (x, width): (f64, f64),
        base: f64,
        unit: f64,
        day: &DayUse,
        classes: &[String],
        name: &str,
    ) -> f64 {
        let total = day.root_events() as f64 * unit;
        let unit = if total < LEAST { unit * LEAST / total.max(f64::MIN_POSITIVE) } else { unit };
        let mut y = base;
        for (class, ((_, count), class_name)) in CLASSES.iter().zip(classes).enumerate() {
            let count = count(day);
            if count > 0 {
                let height = count as f64 * unit;
                y -= height;
                let title = format!("{name}: {class_name} {}", grouped(count));
                self.rects.push(rect((x, y), (width, height), &format!("class{class}"), title));
            }
        }
        y
    }
}

/// A figure over the periods, oldest first: a bar a period, the last of them the range of the report.
pub(crate) fn trend(
    title: String,
    labels: &[String],
    values: &[Option<u64>],
    partial: &[bool],
    no_data: &str,
) -> Chart {
    const SLOT: f64 = 22.0;
    const GAP: f64 = 4.0;
    const HEIGHT: f64 = 34.0;
    let most = values.iter().flatten().copied().max().unwrap_or(0).max(1);
    let (mut rects, mut told) = (Vec::new(), Vec::new());
    for (n, (label, value)) in labels.iter().zip(values).enumerate() {
        let x = SLOT * n as f64;
        let is_now = n + 1 == values.len();
        let Some(value) = value else {
            told.push(format!("{label}: {no_data}"));
            rects.push(rect((x, 0.0), (SLOT - GAP, HEIGHT), "hatch", format!("{label}: {no_data}")));
            continue;
        };
        let height = if *value == 0 { 1.0 } else { (*value as f64 / most as f64 * HEIGHT).max(LEAST) };
        let mut class = if is_now { "now".to_owned() } else { "past".to_owned() };
        if partial.get(n).copied().unwrap_or(false) {
            class.push_str(" part");
        }
        let said = format!("{label}: {}", grouped(*value));
        rects.push(rect((x, HEIGHT - height), (SLOT - GAP, height), &class, said.clone()));
        told.push(said);
    }
    let width = SLOT * values.len().max(1) as f64 - GAP;
    Chart {
        width: c(width),
        height: c(HEIGHT),
        title,
        description: told.join("; "),
        lines: Vec::new(),
        lines_from: c(0.0),
        lines_to: c(width),
        rects,
        labels: Vec::new(),
    }
}

/// The texts of the chart of hours.
pub(crate) struct HoursLabels<'a> {
    /// The title.
    pub title: String,
    /// Names of the weekdays, from Monday.
    pub weekdays: &'a [String],
    /// The busiest hours in words.
    pub description: String,
}

/// The number of shades of the chart of hours, beside the empty one.
const SHADES: u64 = 5;

/// Root events by weekday and hour, a cell each, the darker the more.
pub(crate) fn hours(hours: &HeatMap, texts: HoursLabels<'_>) -> Chart {
    const CELL: f64 = 24.0;
    const SIDE: f64 = 40.0;
    const HEAD: f64 = 18.0;
    let most = hours.most().max(1);
    let mut chart = Chart {
        width: c(SIDE + CELL * 24.0),
        height: c(HEAD + CELL * 7.0),
        title: texts.title,
        description: texts.description,
        lines: Vec::new(),
        lines_from: c(0.0),
        lines_to: c(0.0),
        rects: Vec::new(),
        labels: Vec::new(),
    };
    for hour in (0..24).step_by(3) {
        chart.label(SIDE + CELL * f64::from(hour) + CELL / 2.0, HEAD - 6.0, format!("{hour:02}"), "mid dim");
    }
    for (day, (counts, weekday)) in hours.0.iter().zip(texts.weekdays).enumerate() {
        let y = HEAD + CELL * day as f64;
        chart.label(SIDE - 8.0, y + CELL / 2.0 + 4.0, weekday.clone(), "end");
        for (hour, count) in counts.iter().enumerate() {
            let x = SIDE + CELL * hour as f64;
            // The square root keeps a single event visible beside hundreds.
            let share = (*count as f64 / most as f64).sqrt();
            let shade = if *count == 0 { 0 } else { ((share * SHADES as f64).ceil() as u64).clamp(1, SHADES) };
            let title = format!("{weekday} {hour:02}:00: {}", grouped(*count));
            let class = format!("shade{shade}");
            chart.rects.push(rect((x + 1.0, y + 1.0), (CELL - 2.0, CELL - 2.0), &class, title));
            if *count > 0 {
                let class = if shade > 2 { "mid small light" } else { "mid small" };
                chart.label(x + CELL / 2.0, y + CELL / 2.0 + 3.5, short(*count), class);
            }
        }
    }
    chart
}

/// Writes a count in a few characters: `1.2k` in place of `1,234`.
fn short(count: u64) -> String {
    match count {
        0..=999 => count.to_string(),
        1_000..=9_999 => format!("{}.{}k", count / 1_000, count % 1_000 / 100),
        10_000..=999_999 => format!("{}k", count / 1_000),
        _ => format!("{}M", count / 1_000_000),
    }
}

fn rect((x, y): (f64, f64), (w, h): (f64, f64), class: &str, title: String) -> Rect {
    Rect { x: c(x), y: c(y), w: c(w), h: c(h), class: class.to_owned(), title }
}
