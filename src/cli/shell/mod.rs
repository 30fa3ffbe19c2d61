//! `trailql shell`: questions one after the other, over a source that stays open.
//!
//! | module | what it does |
//! |---|---|
//! | [`lines`] | lines from the line editor ([`editor`]), a terminal without one, or a pipe |
//! | [`command`] | the commands, and their arguments |
//! | [`desk`] | statements and commands answered, with the settings of the session |
//! | [`completer`], [`highlighter`] | help while typing |
//!
//! What a console needs as well (cutting a text into statements, completing one) is in [`trailql::ops::inquiry`].

mod command;
mod completer;
mod describe;
mod desk;
mod editor;
mod highlighter;
mod lines;

use std::sync::Arc;

use clap::Args;
use trailql::ops::inquiry::Inquiry;
use trailql::ops::inquiry::scanner::{Entry, Scanner, TooLong};

use super::args::{self, QueriesArgs, ScopeArgs, SourceArgs, TableArgs};
use super::error::{CommandError, Kind};
use super::{Context, Outcome};
use desk::{Desk, Flow};
use editor::{Editor, EditorOptions, Read};
use lines::{Lines, Plain};

/// Ask one question after the other
///
/// Statements of SQL end with `;`, commands begin with a backslash: `\?` lists them. Tab completes names, parameters
/// and frequent values, Ctrl-R looks for earlier entries, Ctrl-O opens the editor, Ctrl-C stops a question or gives a
/// line up, Ctrl-D ends. The lake stays open, and exports of --from are read once. Without a terminal, statements and
/// commands are read from stdin; the first error ends the shell with 2.
#[derive(Debug, Args)]
pub(crate) struct ShellArgs {
    /// Keep no history of what is typed [default: trailql/history in the XDG folder for state]
    #[arg(long)]
    no_history: bool,
    #[command(flatten)]
    pub(crate) queries: QueriesArgs,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    #[command(flatten)]
    table: TableArgs,
}

pub(crate) fn run(args: &ShellArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let ui = context.ui;
    let mut options = args::open_options(&args.source, &args.scope, context)?;
    options.engine.views = Arc::new(args::views(context)?);
    let inquiry = Inquiry::open(options, &ui.progress())?;
    args::announce(inquiry.ingested(), inquiry.scope(), &inquiry.notices()?, context);
    let mut desk = Desk::new(inquiry, args.scope.clock, args.table.form(), context);
    if !ui.stdin_is_terminal() {
        return from_pipe(&mut desk, context);
    }
    ui.note("statements end with `;`, `\\?` lists the commands, Ctrl-D ends");
    let mut lines = lines(args, &desk, context)?;
    let mut scanner = Scanner::default();
    loop {
        // Before the line is read: one behind it is meant for what it asks.
        ui.stop_signal().reset();
        match read(&mut lines, scanner.is_open(), context)? {
            Read::End => break,
            Read::Cleared => scanner = Scanner::default(),
            Read::Text(text) => {
                let flow = answer(&mut desk, &mut scanner, &text, context);
                if let Lines::Editor(editor) = &mut lines {
                    // What is not whole was given up by the editor.
                    scanner = Scanner::default();
                    editor.keep_history();
                    if let Some(text) = desk.take_edited() {
                        editor.put(&text);
                    }
                } else if let Some(text) = desk.take_edited() {
                    answer(&mut desk, &mut Scanner::default(), &text, context);
                }
                if flow == Flow::End {
                    break;
                }
            }
        }
        if ui.signals().ends() {
            break;
        }
    }
    Ok(Outcome::Done)
}

/// Answers what a text holds, and says what is wrong. A question that was stopped takes what stands behind it along.
fn answer(desk: &mut Desk<'_>, scanner: &mut Scanner, text: &str, context: &Context<'_>) -> Flow {
    let ui = context.ui;
    let text = if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") };
    let entries = match scanner.feed(&text) {
        Ok(entries) => entries,
        Err(TooLong) => {
            ui.error(&too_long());
            return Flow::Go;
        }
    };
    for entry in entries {
        match desk.run(&entry) {
            Ok(Flow::End) => return Flow::End,
            Ok(Flow::Go) => {}
            // The reader of a pager had enough.
            Err(error) if error.is_broken_pipe() => {}
            Err(error) => ui.error(&error),
        }
        if ui.stop_signal().is_asked() {
            break;
        }
    }
    Flow::Go
}

/// Answers what stdin holds, up to the first error.
fn from_pipe(desk: &mut Desk<'_>, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let (mut stdin, mut scanner) = (Plain::new(false)?, Scanner::default());
    loop {
        let read = stdin.read(false, context.ui)?;
        let entries: Vec<Entry> = match read {
            Read::Text(text) => scanner.feed(&text).map_err(|TooLong| too_long())?,
            Read::Cleared => Vec::new(),
            Read::End if context.ui.signals().ends() => return Ok(Outcome::Done),
            Read::End => {
                scanner.finish().map_or(Ok(Flow::Go), |entry| desk.run_at(&entry, "stdin"))?;
                return Ok(Outcome::Done);
            }
        };
        for entry in entries {
            if desk.run_at(&entry, "stdin")? == Flow::End {
                return Ok(Outcome::Done);
            }
        }
    }
}

/// Returns the input of a terminal: a line editor, where it can move the cursor.
fn lines(args: &ShellArgs, desk: &Desk<'_>, context: &Context<'_>) -> Result<Lines, CommandError> {
    let (ui, settings) = (context.ui, &context.settings);
    if !ui.is_interactive() || settings.is_dumb_terminal {
        return Ok(Lines::Plain(Plain::new(true)?));
    }
    let (editor, problem) = Editor::new(EditorOptions {
        names: desk.names(),
        is_colored: ui.colors_stdout(),
        history: settings.history_file.as_deref().filter(|_| !args.no_history),
        editor: settings.editor.as_ref().map(|editor| editor.value.as_str()),
        end: ui.signals().end_flag(),
    });
    if let Some(problem) = problem {
        ui.warning(&problem);
    }
    Ok(Lines::Editor(Box::new(editor)))
}

/// Reads the next lines. Where the line editor does not work, it is given up.
fn read(lines: &mut Lines, is_continued: bool, context: &Context<'_>) -> Result<Read, CommandError> {
    if let Lines::Editor(editor) = lines {
        match editor.read() {
            Ok(read) => return Ok(read),
            Err(editor::Unfit(reason)) => {
                context.ui.warning(&format!("the line editor does not work here: {reason}"));
                *lines = Lines::Plain(Plain::new(true)?);
            }
        }
    }
    match lines {
        Lines::Plain(plain) => plain.read(is_continued, context.ui),
        Lines::Editor(_) => Err(CommandError::new(Kind::Internal, "there is no input")),
    }
}

fn too_long() -> CommandError {
    CommandError::user("the statement is too long to be held")
}
