//! A histogram as bars: a line for every bucket, with its start, its count and a bar, within a given width.
//!
//! The longest bar takes the room that is left. A bar tells eighths of a column, and a bucket that is not empty has a
//! bar that can be seen. In ASCII, bars are of `#` and whole columns. Nothing here depends on colour.

use super::super::{Bar, Histogram};
use super::OutputError;
use chrono::DateTime;
use std::io::Write;

/// Columns of text where nothing says how many there are.
pub const DEFAULT_WIDTH: u16 = 80;

/// The parts of a column, from one eighth to seven.
const EIGHTHS: [&str; 7] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// The characters of bars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyphs {
    /// Block characters.
    Blocks,
    /// ASCII, for a locale that has no others.
    Ascii,
}

impl Glyphs {
    /// Draws a bar of so many of `most`, which takes all of the room.
    fn bar(self, count: i64, most: i64, room: usize) -> String {
        let (count, most) = (u128::from(count.max(0).unsigned_abs()), u128::from(most.max(1).unsigned_abs()));
        let parts = |of: usize| -> usize {
            let parts = (count * (room * of) as u128 + most / 2) / most;
            usize::try_from(parts).unwrap_or(room * of).max(usize::from(count > 0)).min(room * of)
        };
        match self {
            Self::Ascii => "#".repeat(parts(1)),
            Self::Blocks => {
                let eighths = parts(8);
                let rest = (eighths % 8).checked_sub(1).and_then(|part| EIGHTHS.get(part)).copied().unwrap_or_default();
                "█".repeat(eighths / 8) + rest
            }
        }
    }

    fn rule(self) -> &'static str {
        match self {
            Self::Blocks => "─",
            Self::Ascii => "-",
        }
    }
}

/// Draws a histogram in lines of at most `width` columns, as long as the counts leave room for bars.
pub fn write(histogram: &Histogram, width: u16, glyphs: Glyphs, out: &mut dyn Write) -> Result<(), OutputError> {
    let label = |bar: &Bar| {
        let start = DateTime::from_timestamp_micros(bar.start).unwrap_or_default();
        histogram.step.label(start, histogram.tz)
    };
    let lines: Vec<(String, String, i64)> =
        histogram.bars.iter().map(|bar| (label(bar), grouped(bar.rows), bar.rows)).collect();
    // Labels and counts are ASCII.
    let widest = |of: &dyn Fn(&(String, String, i64)) -> usize| lines.iter().map(of).max().unwrap_or_default();
    let (head, counts) =
        (widest(&|line| line.0.len()).max("bucket".len()), widest(&|line| line.1.len()).max("events".len()));
    let room = usize::from(width).saturating_sub(head + counts + 3);
    let most = histogram.bars.iter().map(|bar| bar.rows).max().unwrap_or_default();
    writeln!(out, "{:<head$} {:>counts$}", "bucket", "events")?;
    writeln!(out, "{} {}", glyphs.rule().repeat(head), glyphs.rule().repeat(counts))?;
    for (label, count, rows) in &lines {
        let line = format!("{label:<head$} {count:>counts$}  {}", glyphs.bar(*rows, most, room));
        writeln!(out, "{}", line.trim_end())?;
    }
    out.flush()?;
    Ok(())
}

/// Writes a count in groups of three digits.
fn grouped(count: i64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Outside;
    use crate::event::time::Step;

    fn histogram(counts: &[i64]) -> Histogram {
        let hour = 3_600_000_000;
        let start = 1_793_664_000_000_000; // 2026-11-03T00:00:00Z
        let bars = (0..).zip(counts).map(|(at, rows)| Bar {
            start: start + at * hour,
            end: start + (at + 1) * hour,
            rows: *rows,
        });
        Histogram {
            step: Step::Seconds(3_600),
            tz: "Asia/Kolkata".parse().unwrap(),
            bars: bars.collect(),
            outside: Outside::default(),
        }
    }

    fn drawn(counts: &[i64], width: u16, glyphs: Glyphs) -> String {
        let mut out = Vec::new();
        write(&histogram(counts), width, glyphs, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn bars_fill_the_width() {
        assert_eq!(
            drawn(&[8, 0, 1, 4], 40, Glyphs::Blocks),
            "bucket                 events\n────────────────────── ──────\n\
             2026-11-03 05:30+05:30      8  █████████\n2026-11-03 06:30+05:30      0\n\
             2026-11-03 07:30+05:30      1  █▏\n2026-11-03 08:30+05:30      4  ████▌\n"
        );
        assert_eq!(
            drawn(&[1_000_000, 1], 44, Glyphs::Ascii),
            "bucket                    events\n---------------------- ---------\n\
             2026-11-03 05:30+05:30 1,000,000  ##########\n2026-11-03 06:30+05:30         1  #\n"
        );
        assert_eq!(drawn(&[], 80, Glyphs::Ascii), "bucket events\n------ ------\n");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for counts in [&[0][..], &[1], &[i64::MAX, 1, 0], &[3, 2, 1], &[1_000, 999, 1, 500]] {
            for width in [0, 10, 40, 80, 200] {
                for glyphs in [Glyphs::Blocks, Glyphs::Ascii] {
                    let text = drawn(counts, width, glyphs);
                    let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
                    let needed = if counts.contains(&i64::MAX) { 48 } else { 29 };
                    assert!(widest <= usize::from(width).max(needed), "{counts:?} in {width}: {widest}");
                    assert_eq!(text.lines().count(), counts.len() + 2);
                    assert!(glyphs == Glyphs::Blocks || text.is_ascii());
                    // What is not empty can be seen, where there is room for a bar at all.
                    if usize::from(width) > needed + 2 {
                        for (line, count) in text.lines().skip(2).zip(counts) {
                            assert_eq!(line.ends_with(|c: char| !c.is_ascii_digit()), *count > 0, "{line}");
                        }
                    }
                }
            }
        }
    }
}
