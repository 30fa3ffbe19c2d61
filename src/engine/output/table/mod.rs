//! A table for people: columns side by side, or one record after the other.
//!
//! On a terminal the table fits its width, and no token is broken that somebody may copy: see [`fit`]. Where even that
//! does not make room, each row is a record of its own, and what is equal in all of them stands once above them. A pipe
//! gets every value whole.
//!
//! Rows are laid out in runs of [`RUN`], so that a long answer does not gather in memory. In a pipe a later run is
//! never narrower than the one before it; where a longer value comes, its run is wider.

mod fit;

use super::value::{self, Column};
use super::{BatchSource, OutputError, OutputStyle, TableForm, count, escape};
use crate::text_layout::{fold, fold_name, fold_tokens, rule, side_by_side, width as width_of};
use arrow::datatypes::{DataType, Schema};
use fit::{Fitted, fitted};
use std::io::Write;

/// Rows laid out together.
const RUN: usize = 2_000;

/// Columns that the names of a record may take, as a part of all.
const NAMES_SHARE: usize = 3;

/// Columns before the values of a record that stand below their name.
const INDENT: &str = "  ";

/// Rows from which on equal values are said once for all records.
const MANY_RECORDS: usize = 3;

pub(super) fn write(
    answer: &mut dyn BatchSource,
    style: &OutputStyle,
    out: &mut dyn Write,
) -> Result<u64, OutputError> {
    let mut layout = Layout::new(&answer.schema(), style);
    let mut rows = 0;
    while let Some(batch) = answer.next_batch()? {
        let columns = value::columns(&batch)?;
        for row in 0..batch.num_rows() {
            layout.add(texts(&columns, row)?, out)?;
        }
        rows += count(&batch);
    }
    layout.end(out)?;
    Ok(rows)
}

fn texts(columns: &[Column], row: usize) -> Result<Vec<String>, OutputError> {
    let text = |column: &Column| -> Result<String, OutputError> {
        Ok(escape::terminal(&column.text(row)?.unwrap_or_default()).into_owned())
    };
    columns.iter().map(text).collect()
}

/// The name of a column, and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Head {
    name: String,
    holds: Holds,
}

/// The kinds of values that are shortened in different ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Number,
    Time,
    UserAgent,
    Id,
    Text,
}

impl Holds {
    fn of(name: &str, data_type: &DataType) -> Self {
        match data_type {
            data_type if data_type.is_numeric() => Self::Number,
            DataType::Timestamp(..) => Self::Time,
            // Findings are rows of text.
            _ if matches!(name, "first_event" | "last_event" | "event_time") => Self::Time,
            _ if name == "user_agent" => Self::UserAgent,
            _ if name == "resource_name" || name == "id" || name.ends_with("_id") || name.ends_with("_event") => {
                Self::Id
            }
            _ => Self::Text,
        }
    }
}

/// Lays out rows run by run.
struct Layout {
    heads: Vec<Head>,
    width: Option<usize>,
    form: TableForm,
    rows: Vec<Vec<String>>,
    /// Widths of the columns so far, for a pipe.
    widths: Vec<usize>,
    /// Records so far.
    records: u64,
    is_written: bool,
    /// The form of the first run that was too wide, which later runs keep.
    in_records: bool,
}

impl Layout {
    fn new(schema: &Schema, style: &OutputStyle) -> Self {
        let head = |name: &str, data_type: &DataType| Head {
            holds: Holds::of(name, data_type),
            name: escape::terminal(name).into_owned(),
        };
        let heads: Vec<Head> = schema.fields().iter().map(|field| head(field.name(), field.data_type())).collect();
        Self {
            widths: heads.iter().map(|head| width_of(&head.name)).collect(),
            heads,
            width: style.width.map(usize::from),
            form: style.form,
            rows: Vec::new(),
            records: 0,
            is_written: false,
            in_records: style.form == TableForm::Expanded,
        }
    }

    fn add(&mut self, cells: Vec<String>, out: &mut dyn Write) -> Result<(), OutputError> {
        self.rows.push(cells);
        if self.rows.len() >= RUN { self.write_run(out) } else { Ok(()) }
    }

    fn end(mut self, out: &mut dyn Write) -> Result<(), OutputError> {
        if self.rows.is_empty() && self.is_written { Ok(()) } else { self.write_run(out) }
    }

    fn write_run(&mut self, out: &mut dyn Write) -> Result<(), OutputError> {
        let rows = std::mem::take(&mut self.rows);
        let fitting = match (self.width, self.form) {
            (Some(width), TableForm::Fitting) if !self.in_records => match fitted(&self.heads, &rows, width) {
                Some(fitted) => Some(fitted),
                None => {
                    self.in_records = true;
                    None
                }
            },
            _ => None,
        };
        match fitting {
            _ if self.in_records => self.write_records(&rows, out)?,
            Some(fitted) => self.write_fitted(&fitted, out)?,
            None => self.write_whole(&rows, out)?,
        }
        self.is_written = true;
        Ok(())
    }

    /// Writes every value whole, under one header.
    fn write_whole(&mut self, rows: &[Vec<String>], out: &mut dyn Write) -> Result<(), OutputError> {
        for row in rows {
            for (width, cell) in self.widths.iter_mut().zip(row) {
                *width = (*width).max(width_of(cell));
            }
        }
        let is_right = |at: usize| self.heads.get(at).is_some_and(|head| head.holds == Holds::Number);
        if !self.is_written {
            let names: Vec<String> = self.heads.iter().map(|head| head.name.clone()).collect();
            write_lines(&side_by_side(&names, &self.widths, is_right), out)?;
            write_lines(&[rule(&self.widths)], out)?;
        }
        for row in rows {
            write_lines(&side_by_side(row, &self.widths, is_right), out)?;
        }
        Ok(())
    }

    /// Writes what fits the terminal. Each run has columns of its own, so it has its own header.
    fn write_fitted(&self, fitted: &Fitted, out: &mut dyn Write) -> Result<(), OutputError> {
        if self.is_written {
            writeln!(out)?;
        }
        let is_right = |at: usize| fitted.right.get(at).copied().unwrap_or(false);
        write_lines(&side_by_side(&fitted.names, &fitted.widths, is_right), out)?;
        write_lines(&[rule(&fitted.widths)], out)?;
        for row in &fitted.rows {
            write_lines(&side_by_side(row, &fitted.widths, is_right), out)?;
        }
        let width = self.width.unwrap_or(usize::MAX);
        for note in &fitted.notes {
            write_lines(&fold(note, width), out)?;
        }
        Ok(())
    }

    /// Writes a line for every value that is there, long ones folded under themselves. On a terminal, values that all
    /// rows share come first.
    fn write_records(&mut self, rows: &[Vec<String>], out: &mut dyn Write) -> Result<(), OutputError> {
        let sums_up = self.width.is_some() && self.form == TableForm::Fitting && rows.len() >= MANY_RECORDS;
        let first = rows.first().map(Vec::as_slice).unwrap_or_default();
        let is_shared = |at: usize| sums_up && rows.iter().all(|row| row.get(at) == first.get(at));
        let shared: Vec<bool> = (0..self.heads.len()).map(is_shared).collect();
        let named = || self.heads.iter().zip(&shared);
        if named().zip(first).any(|((_, shared), cell)| *shared && !cell.is_empty()) {
            writeln!(out, "── in all rows ──")?;
            let cells = named().zip(first).filter(|((_, shared), _)| **shared);
            self.write_record(cells.map(|((head, _), cell)| (head, cell.as_str())), out)?;
        }
        for row in rows {
            self.records += 1;
            writeln!(out, "── {} ──", self.records)?;
            let cells = self.heads.iter().zip(&shared).zip(row).filter(|((_, shared), _)| !**shared);
            self.write_record(cells.map(|((head, _), cell)| (head, cell.as_str())), out)?;
        }
        Ok(())
    }

    /// Writes the values of one record beside their names, or below them where a token would break.
    fn write_record<'r>(
        &self,
        cells: impl Iterator<Item = (&'r Head, &'r str)>,
        out: &mut dyn Write,
    ) -> Result<(), OutputError> {
        let longest = self.heads.iter().map(|head| width_of(&head.name)).max().unwrap_or(0);
        let names = self.width.map_or(longest, |width| longest.min(width / NAMES_SHARE));
        for (head, cell) in cells.filter(|(_, cell)| !cell.is_empty()) {
            let Some(width) = self.width else {
                let pad = " ".repeat(names.saturating_sub(width_of(&head.name)));
                writeln!(out, "{}{pad}  {cell}", head.name)?;
                continue;
            };
            let (room, name) = (width.saturating_sub(names + INDENT.len()), fold_name(&head.name, names));
            let lines = fold_tokens(cell, room);
            let fits = |lines: &[String], room: usize| lines.iter().all(|line| width_of(line) <= room);
            if fits(&name, names) && fits(&lines, room) {
                for at in 0..lines.len().max(name.len()) {
                    let part = |lines: &[String]| lines.get(at).cloned().unwrap_or_default();
                    let (name, line) = (part(&name), part(&lines));
                    let pad = " ".repeat(names.saturating_sub(width_of(&name)));
                    writeln!(out, "{}", format!("{name}{pad}{INDENT}{line}").trim_end())?;
                }
                continue;
            }
            writeln!(out, "{}", head.name)?;
            for line in fold_tokens(cell, width.saturating_sub(INDENT.len())) {
                writeln!(out, "{INDENT}{line}")?;
            }
        }
        Ok(())
    }
}

fn write_lines(lines: &[String], out: &mut dyn Write) -> Result<(), OutputError> {
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(())
}
