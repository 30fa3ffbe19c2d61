//! A table for people: columns side by side, or, where they do not fit the terminal, one record after the other.
//!
//! Rows are laid out in runs of [`RUN`], so that a long answer does not gather in memory. A later run is never
//! narrower than the one before it; where a longer value comes, its run is wider.

use std::io::Write;

use arrow::datatypes::Schema;
use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, TableComponent, Width, presets};

use super::value::{self, Column};
use super::{BatchSource, OutputError, OutputStyle, count, escape};

/// Rows laid out together.
const RUN: usize = 4_000;

/// Below so many columns of text a table column cannot be read, and records are written instead.
const NARROWEST: usize = 8;

pub(super) fn write(
    answer: &mut dyn BatchSource,
    style: &OutputStyle,
    out: &mut dyn Write,
) -> Result<u64, OutputError> {
    let schema = answer.schema();
    let too_narrow = |width: u16| usize::from(width) < schema.fields().len() * NARROWEST;
    let mut layout: Box<dyn Layout> = match style.width {
        Some(width) if too_narrow(width) => Box::new(Records::new(&schema)),
        width => Box::new(Grid::new(&schema, width)),
    };
    let mut rows = 0;
    while let Some(batch) = answer.next_batch()? {
        let columns = value::columns(&batch)?;
        for row in 0..batch.num_rows() {
            layout.row(texts(&columns, row)?, out)?;
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

trait Layout {
    fn row(&mut self, cells: Vec<String>, out: &mut dyn Write) -> Result<(), OutputError>;
    fn end(&mut self, out: &mut dyn Write) -> Result<(), OutputError>;
}

/// Columns side by side.
struct Grid {
    names: Vec<String>,
    right: Vec<bool>,
    width: Option<u16>,
    run: Table,
    /// Widest content of each column so far.
    widths: Vec<u16>,
    written: bool,
}

impl Grid {
    fn new(schema: &Schema, width: Option<u16>) -> Self {
        let mut grid = Self {
            names: schema.fields().iter().map(|field| escape::terminal(field.name()).into_owned()).collect(),
            right: schema.fields().iter().map(|field| field.data_type().is_numeric()).collect(),
            width,
            run: Table::new(),
            widths: vec![0; schema.fields().len()],
            written: false,
        };
        grid.run = grid.empty();
        grid
    }

    fn empty(&self) -> Table {
        let mut table = Table::new();
        table.load_preset(presets::NOTHING);
        table.set_style(TableComponent::HeaderLines, '─');
        table.set_style(TableComponent::MiddleHeaderIntersections, ' ');
        table.force_no_tty();
        table.set_header(self.cells(self.names.clone()));
        match self.width {
            Some(width) => {
                table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
            }
            None => {
                table.set_content_arrangement(ContentArrangement::Disabled);
                let least = |width: &u16| ColumnConstraint::LowerBoundary(Width::Fixed(*width));
                table.set_constraints(self.widths.iter().map(least));
            }
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, 1));
        }
        table
    }

    fn cells(&self, texts: Vec<String>) -> Vec<Cell> {
        let align = |right: bool| if right { CellAlignment::Right } else { CellAlignment::Left };
        texts.into_iter().zip(&self.right).map(|(text, right)| Cell::new(text).set_alignment(align(*right))).collect()
    }

    fn write_run(&mut self, out: &mut dyn Write) -> Result<(), OutputError> {
        // On a terminal each run has columns of its own, so it needs its own header; a pipe gets one header in all.
        let skip = if self.written && self.width.is_none() { 2 } else { 0 };
        for line in self.run.lines().skip(skip) {
            out.write_all(line.trim_end().as_bytes())?;
            out.write_all(b"\n")?;
        }
        for (width, now) in self.widths.iter_mut().zip(self.run.column_max_content_widths()) {
            // Boundaries count the padding of one column that follows the content.
            *width = (*width).max(now.saturating_add(1));
        }
        self.written = true;
        self.run = self.empty();
        Ok(())
    }
}

impl Layout for Grid {
    fn row(&mut self, cells: Vec<String>, out: &mut dyn Write) -> Result<(), OutputError> {
        let cells = self.cells(cells);
        self.run.add_row(cells);
        if self.run.row_count() >= RUN { self.write_run(out) } else { Ok(()) }
    }

    fn end(&mut self, out: &mut dyn Write) -> Result<(), OutputError> {
        if self.run.row_count() > 0 || !self.written { self.write_run(out) } else { Ok(()) }
    }
}

/// One record after the other, a line for every value that is there.
struct Records {
    names: Vec<String>,
    longest: usize,
    written: u64,
}

impl Records {
    fn new(schema: &Schema) -> Self {
        let names: Vec<String> =
            schema.fields().iter().map(|field| escape::terminal(field.name()).into_owned()).collect();
        let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        Self { names, longest, written: 0 }
    }
}

impl Layout for Records {
    fn row(&mut self, cells: Vec<String>, out: &mut dyn Write) -> Result<(), OutputError> {
        self.written += 1;
        writeln!(out, "── {} ──", self.written)?;
        for (name, cell) in self.names.iter().zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            writeln!(out, "{name:longest$}  {cell}", longest = self.longest)?;
        }
        Ok(())
    }

    fn end(&mut self, _: &mut dyn Write) -> Result<(), OutputError> {
        Ok(())
    }
}
