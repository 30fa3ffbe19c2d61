//! `trailql man`: the manual pages.

use std::path::PathBuf;

use clap::{Args, CommandFactory, ValueHint};
use clap_mangen::Man;
use trailql::text_layout::fold;

use super::destination::Destination;
use super::error::{CommandError, Kind};
use super::{Cli, Context, Outcome, help};

/// Print the manual page, or write one page for every verb into a folder
///
/// On a terminal, the page is shown as text, in the pager. Elsewhere it is roff, as `man` reads it.
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Write all pages into this folder, made when it is not there
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    folder: Option<PathBuf>,
}

pub(crate) fn run(args: &ManArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    match &args.folder {
        None => {
            let mut page = Vec::new();
            Man::new(help::arranged(Cli::command())).render(&mut page)?;
            let width = context.ui.stdout_style().width;
            if let Some(width) = width {
                page = text(&String::from_utf8_lossy(&page), width.into(), context.ui.colors_stdout()).into_bytes();
            }
            Destination::Stdout.write(context.ui, |out| out.write_all(&page))?;
        }
        Some(folder) => {
            let failed =
                |e| CommandError::new(Kind::Data, format!("cannot write pages to `{}`: {e}", folder.display()));
            std::fs::create_dir_all(folder).map_err(failed)?;
            clap_mangen::generate_to(help::arranged(Cli::command()), folder).map_err(failed)?;
            context.ui.note(&format!("wrote the pages into: `{}`", folder.display()));
        }
    }
    Ok(Outcome::Done)
}

/// The widest line of a page.
const WIDEST: usize = 100;

/// Columns before a paragraph, and before what a tag says.
const INDENTS: [usize; 2] = [7, 14];

/// Lays out a page as text: the few requests of roff that clap writes.
fn text(roff: &str, width: usize, is_colored: bool) -> String {
    let (width, bold, plain) = if is_colored { (width, "\u{1b}[1m", "\u{1b}[0m") } else { (width, "", "") };
    let mut page = Page { text: String::new(), paragraph: String::new(), indent: INDENTS[0], width: width.min(WIDEST) };
    let mut is_tag = false;
    for line in roff.lines() {
        let (request, rest) = line.split_once(' ').unwrap_or((line, ""));
        match request {
            ".SH" => {
                page.end_paragraph();
                page.indent = INDENTS[0];
                page.text.push_str(&format!("\n{bold}{}{plain}\n", unquoted(rest).to_uppercase()));
            }
            ".SS" => {
                page.end_paragraph();
                page.text.push_str(&format!("\n   {bold}{}{plain}\n", unquoted(rest)));
            }
            ".TP" => {
                page.end_paragraph();
                page.indent = INDENTS[0];
                is_tag = true;
            }
            ".RS" => page.indent = INDENTS[1],
            ".RE" => page.indent = INDENTS[0],
            ".br" => page.end_paragraph(),
            ".PP" | ".sp" => {
                page.end_paragraph();
                page.text.push('\n');
            }
            _ if request.starts_with('.') => {}
            _ if is_tag => {
                page.text.push_str(&format!("{:1$}{bold}{2}{plain}\n", "", INDENTS[0], plain_text(line)));
                page.indent = INDENTS[1];
                is_tag = false;
            }
            "" => {
                page.end_paragraph();
                page.text.push('\n');
            }
            _ => {
                if !page.paragraph.is_empty() {
                    page.paragraph.push(' ');
                }
                page.paragraph.push_str(&plain_text(line));
            }
        }
    }
    page.end_paragraph();
    page.text.trim_start_matches('\n').to_owned()
}

/// A page that is being laid out.
struct Page {
    text: String,
    paragraph: String,
    indent: usize,
    width: usize,
}

impl Page {
    fn end_paragraph(&mut self) {
        let paragraph = std::mem::take(&mut self.paragraph);
        if paragraph.is_empty() {
            return;
        }
        for line in fold(&paragraph, self.width.saturating_sub(self.indent).max(20)) {
            self.text.push_str(&format!("{:1$}{line}\n", "", self.indent));
        }
    }
}

fn unquoted(text: &str) -> String {
    plain_text(text.trim().trim_matches('"'))
}

/// Returns a line of roff without its marks.
fn plain_text(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, mark)) = rest.split_once('\\') {
        text.push_str(before);
        let (shown, length) = match mark.as_bytes() {
            [b'f', _, ..] => ("", 2),
            [b'-', ..] => ("-", 1),
            [b'e' | b'\\', ..] => ("\\", 1),
            [b'(', b'a', b'q', ..] => ("'", 3),
            [b'*', b'(', b'A', b'q', ..] => ("'", 4),
            [b'&', ..] => ("", 1),
            [b'.', ..] => (".", 1),
            _ => ("", 0),
        };
        text.push_str(shown);
        rest = mark.get(length..).unwrap_or_default();
    }
    text.push_str(rest);
    text
}
