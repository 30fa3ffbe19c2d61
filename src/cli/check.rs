//! `trailql check`: checklists over what was delivered.

use std::path::PathBuf;

use chrono::{DateTime, SecondsFormat, Utc};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueHint};
use trailql::detect::check::form::{Checklist, Item};
use trailql::detect::check::verdict::Status;
use trailql::detect::suppress::Suppression;
use trailql::engine::ResolvedScope;
use trailql::engine::output::{self, OutputError, OutputFormat, OutputStyle, Rows, escape};
use trailql::event::lang::Lang;
use trailql::event::time::Zone;
use trailql::ops::check::{CheckOptions, check_root, known_params};
use trailql::ops::detect::ViewParameter;
use trailql::report::wording::counted;
use trailql::text_layout::fold;
use unicode_width::UnicodeWidthStr;

use super::args::{self, LangArgs, ScopeArgs, SourceArgs};
use super::destination::{Destination, FileArgs};
use super::detect;
use super::error::{CommandError, Kind};
use super::report::quoted;
use super::{Context, Outcome};

/// Go through a checklist
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(subcommand)]
    verb: CheckVerb,
}

#[derive(Debug, Subcommand)]
enum CheckVerb {
    Root(Box<RootArgs>),
}

/// Check how root, RAM users and RAM roles are used
///
/// Goes through a checklist: logons of root, resources managed by root, its AccessKeys and MFA, root as initial login
/// user and the policy that denies it, shared RAM users, applications on the console, AccessKeys on ECS. Each item is
/// passed, failed or unknown, with the reason and the command that shows the events. It passes only where everything
/// was delivered that could show a failure. Exits with 1 when an item failed, and with 2 when a view could not be
/// answered.
#[derive(Debug, Args)]
struct RootArgs {
    /// Exit with 1 when an item is unknown, too
    #[arg(long)]
    strict: bool,
    /// A parameter of a view (may be given more than once)
    #[arg(long = "param", short = 'p', value_name = "VIEW.NAME=VALUE", value_parser = detect::param_parser)]
    params: Vec<ViewParameter>,
    /// A TOML file that names known findings; they do not count
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    suppress: Option<PathBuf>,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    lang: LangArgs,
    /// Format of the answer [default: as the extension of -o says, else table]
    #[arg(long, short = 'F', value_name = "FORMAT", value_parser = format_parser())]
    format: Option<OutputFormat>,
    #[command(flatten)]
    file: FileArgs,
}

/// Formats of a checklist.
const FORMATS: [OutputFormat; 5] =
    [OutputFormat::Table, OutputFormat::Csv, OutputFormat::Json, OutputFormat::Jsonl, OutputFormat::Markdown];

fn format_parser() -> impl TypedValueParser<Value = OutputFormat> {
    PossibleValuesParser::new(FORMATS.map(OutputFormat::name)).try_map(|text| text.parse::<OutputFormat>())
}

/// Columns of a checklist that is not written to a terminal.
const WIDTH: u16 = 100;

/// Columns that a checklist has at least.
const NARROWEST: usize = 40;

/// The most exports that a command names.
const NAMED_EXPORTS: usize = 3;

const RED: &str = "31";
const YELLOW: &str = "33";
const GREEN: &str = "32";
const BOLD: &str = "1";
const DIM: &str = "2";
const PLAIN: &str = "";

/// Columns from which on labels stand at the side.
const ROOMY: usize = 60;

impl CheckArgs {
    fn root(&self) -> &RootArgs {
        let CheckVerb::Root(args) = &self.verb;
        args
    }

    pub(crate) fn source(&self) -> &SourceArgs {
        &self.root().source
    }

    pub(crate) fn scope(&self) -> &ScopeArgs {
        &self.root().scope
    }

    pub(crate) fn file(&self) -> &FileArgs {
        &self.root().file
    }

    pub(crate) fn lang(&self) -> Option<Lang> {
        self.root().lang.lang
    }
}

pub(crate) fn run(args: &CheckArgs, context: &Context<'_>) -> Result<Outcome, CommandError> {
    let args = args.root();
    let destination = args.file.destination();
    let format = format(args, &destination)?;
    let (now, lang) = (args.scope.clock.now(), context.settings.lang.value);
    let views = args::views(context)?;
    let suppressions = detect::suppressions(args.suppress.as_deref(), &views, now, context)?;
    known_params(&args.params, &views)?;
    let opened = args::open(&args.source, &args.scope, context)?;
    let options = CheckOptions {
        params: args.params.clone(),
        suppressions,
        lang,
        // A limit of time is for each view, which must not wait for others.
        at_once: if context.time_limit.is_some() { 1 } else { context.settings.threads.value.get() },
        flags: flags(args, opened.scope(), context),
    };
    let outcome = check_root(&opened, &options)?;
    let checklist = &outcome.checklist;
    write(checklist, format, lang, &destination, context)?;
    for (view, error) in &outcome.errors {
        context.ui.warning(&format!("the view `{view}` could not be answered: {error}"));
    }
    let file = args.suppress.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    for Suppression { line, reason, .. } in outcome.suppressions.expired() {
        context.ui.warning(&format!("the suppression in line {line} of `{file}` ({reason}) has expired"));
    }
    if format != OutputFormat::Table {
        context.ui.note(&checklist.counts(Lang::En));
    }
    if checklist.lacks_events() {
        let flags = if options.flags.is_empty() { String::new() } else { format!(" {}", options.flags) };
        context.ui.hint(&format!("`trailql lake coverage --show suspicious{flags}` tells what was not delivered"));
    }
    if !outcome.errors.is_empty() {
        let failed = counted(outcome.errors.len() as u64, "view", "views");
        return Err(CommandError::new(Kind::Data, format!("{failed} could not be answered")));
    }
    let is_negative = checklist.failed > 0 || (args.strict && checklist.unknown > 0);
    Ok(if is_negative { Outcome::Negative } else { Outcome::Done })
}

fn format(args: &RootArgs, destination: &Destination) -> Result<OutputFormat, CommandError> {
    let Destination::File { path, .. } = destination else {
        return Ok(args.format.unwrap_or(OutputFormat::Table));
    };
    let of_path = OutputFormat::of_path(path).filter(|format| FORMATS.contains(format));
    args.format.or(of_path).ok_or_else(|| {
        CommandError::user(format!("the extension says no format: `{}`", path.display()))
            .hint(format!("give `--format` with one of {}", FORMATS.map(|format| format!("`{format}`")).join(", ")))
    })
}

/// Writes the flags with which a query sees what the check saw.
fn flags(args: &RootArgs, scope: &ResolvedScope, context: &Context<'_>) -> String {
    let mut words: Vec<String> = Vec::new();
    if !args.source.from.is_empty() {
        let exports: Vec<String> = args.source.from.iter().map(|path| quoted(&path.display().to_string())).collect();
        let exports = if exports.len() > NAMED_EXPORTS { "EXPORT...".to_owned() } else { exports.join(" ") };
        words.extend(["--from".to_owned(), exports]);
    }
    let mut add = |flag: &str, value: String| words.extend([flag.to_owned(), quoted(&value)]);
    if args.source.lake.is_some() {
        add("--lake", context.settings.lake.value.display().to_string());
    }
    let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    scope.since.into_iter().for_each(|since| add("--since", time(since)));
    scope.until.into_iter().for_each(|until| add("--until", time(until)));
    scope.accounts.iter().for_each(|account| add("--account", account.clone()));
    scope.regions.iter().for_each(|region| add("--region", region.clone()));
    if scope.tz != Zone::UTC {
        add("--tz", scope.tz.to_string());
    }
    words.join(" ")
}

fn write(
    checklist: &Checklist,
    format: OutputFormat,
    lang: Lang,
    destination: &Destination,
    context: &Context<'_>,
) -> Result<(), CommandError> {
    let ui = context.ui;
    destination.write(ui, |out| -> Result<(), OutputError> {
        match format {
            OutputFormat::Table => {
                let stdout = *destination == Destination::Stdout;
                let width = if stdout { ui.stdout_style().width } else { None };
                let width = usize::from(width.unwrap_or(WIDTH)).max(NARROWEST);
                let page = Page { width, color: stdout && ui.colors_stdout(), lang };
                out.write_all(page.checklist(checklist).as_bytes())?;
            }
            OutputFormat::Json => checklist.write_json(out)?,
            OutputFormat::Jsonl => checklist.write_json_lines(out)?,
            _ => {
                let terminal = destination.is_terminal(ui);
                let style = if terminal { ui.stdout_style() } else { OutputStyle::default() };
                output::write(&mut Rows::from(checklist.rows(lang)?), format, &style, out)?;
            }
        }
        Ok(())
    })
}

/// A checklist for people.
struct Page {
    width: usize,
    color: bool,
    lang: Lang,
}

impl Page {
    fn checklist(&self, checklist: &Checklist) -> String {
        let widest = checklist.items.iter().map(|item| item.label(self.lang).width()).max().unwrap_or(0);
        // Ids must stay whole, so narrow terminals have no room for labels at the side.
        let indent = if self.width < ROOMY { 2 } else { widest + 2 };
        let mut text = String::new();
        for item in &checklist.items {
            self.item(item, indent, &mut text);
            text.push('\n');
        }
        text.push_str(&checklist.counts(self.lang));
        text.push('\n');
        text
    }

    fn item(&self, item: &Item, indent: usize, text: &mut String) {
        let color = match item.status {
            Status::Failed => RED,
            Status::Unknown => YELLOW,
            Status::Passed => GREEN,
        };
        let label = item.label(self.lang);
        let title = format!("{} [{}]", item.title, item.check);
        let margin = " ".repeat(indent);
        let mut lead = format!("{}{}", self.paint(color, label), " ".repeat(indent.saturating_sub(label.width())));
        if indent < label.width() {
            text.push_str(&lead);
            text.push('\n');
            lead.clone_from(&margin);
        }
        for line in folded(&title, self.width - indent) {
            text.push_str(&format!("{lead}{}\n", self.paint(BOLD, &line)));
            lead.clone_from(&margin);
        }
        let mut tell = |style: &str, lines: Vec<String>| {
            for line in lines {
                text.push_str(&format!("{margin}{}\n", self.paint(style, &line)));
            }
        };
        for line in item.reasons.iter().chain(&item.facts(self.lang)) {
            tell(PLAIN, folded(&escape::terminal(line), self.width - indent));
        }
        if let Some(advice) = item.advice {
            tell(PLAIN, folded(&format!("→ {advice}"), self.width - indent));
        }
        tell(DIM, folded_command(&escape::terminal(&item.command), self.width - indent));
    }

    fn paint(&self, style: &str, text: &str) -> String {
        if self.color && !style.is_empty() { format!("\x1b[{style}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Folds a text. An id or a name that is wider than a line stays whole.
fn folded(text: &str, width: usize) -> Vec<String> {
    let longest = text.split(|c: char| !c.is_ascii_graphic()).map(str::len).max().unwrap_or(0);
    fold(text, width.max(longest))
}

/// Folds a command so that it can be pasted: lines end with a backslash, and no quoted word is cut.
fn folded_command(command: &str, width: usize) -> Vec<String> {
    let (mut lines, mut line, mut word) = (Vec::new(), String::new(), String::new());
    let (mut in_single, mut in_double) = (false, false);
    // In double quotes the shell drops a backslash and the line end behind it.
    let mut end_of_word = |word: &mut String| {
        if !line.is_empty() && line.width() + word.width() + 3 > width {
            lines.push(format!("{line} \\"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        word.clear();
    };
    for c in command.chars() {
        match c {
            '\'' if !in_double => in_single = !in_single,
            '"' if !in_single => in_double = !in_double,
            _ => {}
        }
        if c == ' ' && !in_single { end_of_word(&mut word) } else { word.push(c) }
    }
    end_of_word(&mut word);
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_fold_between_words() {
        let command = "trailql sql \"SELECT * FROM v WHERE a = 'b c'\" --lake 'my long lake' --since x";
        let lines = folded_command(command, 24);
        assert_eq!(
            lines,
            ["trailql sql \"SELECT * \\", "FROM v WHERE a = 'b c'\" \\", "--lake 'my long lake' \\", "--since x"]
        );
        assert_eq!(folded_command("short", 24), ["short"]);
        let id = "AE3B631D-B6BE-5BFC-9F14-6BAA2683B0BA";
        assert_eq!(folded(&format!("events: {id}, {id}"), 20), ["events:".to_owned(), format!("{id},"), id.to_owned()]);
    }
}
