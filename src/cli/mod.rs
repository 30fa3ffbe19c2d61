//! Floor 6, of the binary only: the command line. One file a verb, each with its arguments and its `run`.
//!
//! A verb turns what was typed into a small options struct, calls one operation of `trailql::ops`, and hands the
//! outcome to [`ui`], the only printer. Arguments that several verbs take are in [`args`]; what goes wrong is a
//! [`error::CommandError`], which knows its hint and its exit code.

pub(crate) mod about;
pub(crate) mod args;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod destination;
pub(crate) mod detect;
pub(crate) mod error;
pub(crate) mod event;
pub(crate) mod help;
pub(crate) mod ingest;
pub(crate) mod lake;
pub(crate) mod man;
pub(crate) mod pager;
pub(crate) mod programs;
pub(crate) mod query;
pub(crate) mod reading;
pub(crate) mod report;
pub(crate) mod scope;
pub(crate) mod search;
pub(crate) mod shell;
pub(crate) mod signals;
pub(crate) mod sql;
pub(crate) mod timeline;
pub(crate) mod ui;
pub(crate) mod usage;
pub(crate) mod views;

use std::any::Any;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use trailql::engine::EngineError;
use trailql::event::lang::Lang;
use trailql::event::time::Zone;
use trailql::faults::panic_message;
use trailql::settings::{self, Environment, Flags, Settings};

use args::{GlobalArgs, QueriesArgs, SourceArgs};
use destination::{Destination, FileArgs};
use error::CommandError;
use ui::Ui;

/// Offline analytics for Alibaba Cloud ActionTrail
///
/// Reads every kind of export of ActionTrail events into a Parquet lake, or straight away with --from, and answers
/// with built-in views, SQL, and the weekly report on the use of the root account. Nothing leaves this machine.
#[derive(Debug, Parser)]
#[command(name = "trailql", version, max_term_width = 120, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    global: GlobalArgs,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Ingest(ingest::IngestArgs),
    Query(query::QueryArgs),
    Search(search::SearchArgs),
    Sql(sql::SqlArgs),
    Shell(shell::ShellArgs),
    Detect(detect::DetectArgs),
    Check(check::CheckArgs),
    Views(views::ViewsArgs),
    Report(report::ReportArgs),
    Event(event::EventArgs),
    About(about::AboutArgs),
    Timeline(timeline::TimelineArgs),
    Lake(lake::LakeArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// The outcome of a verb, which decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done.
    Done,
    /// Done, and the answer is no: rejects under `--strict`, an event that is not there.
    Negative,
    /// No verb was given, so there was nothing to do but to say which there are.
    NothingAsked,
}

impl Outcome {
    /// 0, 1 or 2; errors are 2 as well.
    pub(crate) fn exit_code(self) -> ExitCode {
        match self {
            Self::Done => ExitCode::SUCCESS,
            Self::Negative => ExitCode::from(1),
            Self::NothingAsked => ExitCode::from(2),
        }
    }
}

/// The context of every verb: the settings, with the flags applied, and the printer.
pub(crate) struct Context<'a> {
    pub(crate) settings: Settings,
    pub(crate) show_secrets: bool,
    /// Hides e-mail addresses and telephone numbers too.
    pub(crate) redact: bool,
    /// The longest time that a question may take.
    pub(crate) time_limit: Option<Duration>,
    pub(crate) ui: &'a Ui,
}

/// Parses the command line and runs its verb.
pub(crate) fn run(ui: &mut Ui) -> Result<Outcome, CommandError> {
    let environment = Environment::of_process();
    if let Some(shell) = environment.completed_shell() {
        let answer = completions::answer(&shell, &environment);
        Destination::Stdout.write(ui, |out| out.write_all(&answer))?;
        return Ok(Outcome::Done);
    }
    // Wrong settings are for later: help and wrong usage come first.
    if let Ok(settings) = Settings::resolve(Flags::default(), &environment) {
        ui.color(settings.color.value);
        ui.pager(settings.pager.value.filter(|_| !settings::arguments().iter().any(|word| word == "--no-pager")));
    }
    let parsed = help::arranged(Cli::command()).try_get_matches();
    let cli = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(answer) if !answer.use_stderr() => {
            let help = ui.help(&answer.render());
            Destination::Stdout.write(ui, |out| out.write_all(help.as_bytes()))?;
            return Ok(Outcome::Done);
        }
        Err(error) if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            ui.usage(&error.render());
            return Ok(Outcome::NothingAsked);
        }
        Err(error) => return Err(usage::command_error(&error)),
    };
    let settings = match Settings::resolve(cli.flags(), &environment) {
        Err(_) if cli.verb.needs_no_settings() => Settings::resolve(cli.flags(), &environment.without_settings())?,
        settings => settings?,
    };
    ui.color(settings.color.value);
    ui.quiet(cli.global.quiet);
    ui.pager(settings.pager.value.clone().filter(|_| !cli.global.no_pager));
    cli.verb.file().map_or(Ok(()), |file| file.destination().check())?;
    let (show_secrets, redact, time_limit) = (cli.global.show_secrets, cli.global.redact, cli.global.time_limit);
    let context = Context { settings, show_secrets, redact, time_limit, ui };
    context.ui.signals().listen();
    match &cli.verb {
        Verb::Ingest(args) => ingest::run(args, &context),
        Verb::Query(args) => query::run(args, &context),
        Verb::Search(args) => search::run(args, &context),
        Verb::Sql(args) => sql::run(args, &context),
        Verb::Shell(args) => shell::run(args, &context),
        Verb::Detect(args) => detect::run(args, &context),
        Verb::Check(args) => check::run(args, &context),
        Verb::Views(args) => views::run(args, &context),
        Verb::Report(args) => report::run(args, &context),
        Verb::Event(args) => event::run(args, &context),
        Verb::About(args) => about::run(args, &context),
        Verb::Timeline(args) => timeline::run(args, &context),
        Verb::Lake(args) => lake::run(args, &context),
        Verb::Completions(args) => completions::run(args, &context),
        Verb::Man(args) => man::run(args, &context),
    }
}

/// Says what a panic said, which is a mistake of trailql, and gives the exit code of an error.
pub(crate) fn crashed(panic: &(dyn Any + Send)) -> ExitCode {
    let error = CommandError::from(EngineError::Crashed(panic_message(panic)));
    Ui::new().error(&error);
    error.exit_code()
}

impl Cli {
    fn flags(&self) -> Flags {
        Flags {
            lake: self.verb.lake(),
            geoip: self.verb.source().and_then(|source| source.geoip.clone()),
            queries: self.verb.queries().map(|args| args.queries.clone()).unwrap_or_default(),
            tz: self.verb.tz(),
            memory_limit: self.global.memory_limit,
            threads: self.global.threads,
            color: self.global.color,
            lang: self.verb.lang(),
        }
    }
}

impl Verb {
    /// Returns `true` for what a shell loads when it starts, and for the manual: wrong settings must not stop them.
    fn needs_no_settings(&self) -> bool {
        matches!(self, Self::Completions(_) | Self::Man(_))
    }

    fn lang(&self) -> Option<Lang> {
        match self {
            Self::Report(args) => args.lang(),
            Self::Views(args) => args.lang(),
            Self::Detect(args) => args.lang.lang,
            Self::Check(args) => args.lang(),
            _ => None,
        }
    }

    fn lake(&self) -> Option<PathBuf> {
        match self {
            Self::Ingest(args) => args.lake.clone(),
            Self::Query(args) => args.source.lake.clone(),
            Self::Search(args) => args.source.lake.clone(),
            Self::Sql(args) => args.source.lake.clone(),
            Self::Shell(args) => args.source.lake.clone(),
            Self::Detect(args) => args.source.lake.clone(),
            Self::Check(args) => args.source().lake.clone(),
            Self::Report(args) => args.source().lake.clone(),
            Self::Event(args) => args.source.lake.clone(),
            Self::About(args) => args.source.lake.clone(),
            Self::Timeline(args) => args.source.lake.clone(),
            Self::Lake(args) => args.lake(),
            Self::Views(_) | Self::Completions(_) | Self::Man(_) => None,
        }
    }

    /// The source of events of a verb that reads any.
    fn source(&self) -> Option<&SourceArgs> {
        match self {
            Self::Query(args) => Some(&args.source),
            Self::Search(args) => Some(&args.source),
            Self::Sql(args) => Some(&args.source),
            Self::Shell(args) => Some(&args.source),
            Self::Report(args) => Some(args.source()),
            Self::Detect(args) => Some(&args.source),
            Self::Check(args) => Some(args.source()),
            Self::Event(args) => Some(&args.source),
            Self::About(args) => Some(&args.source),
            Self::Timeline(args) => Some(&args.source),
            Self::Lake(args) => args.source(),
            Self::Ingest(_) | Self::Views(_) | Self::Completions(_) | Self::Man(_) => None,
        }
    }

    fn file(&self) -> Option<&FileArgs> {
        match self {
            Self::Query(args) => Some(&args.output.file),
            Self::Search(args) => Some(&args.output.file),
            Self::Sql(args) => Some(&args.output.file),
            Self::Detect(args) => Some(&args.file),
            Self::Check(args) => Some(args.file()),
            Self::Views(args) => args.file(),
            Self::Report(args) => args.file(),
            Self::Event(args) => Some(&args.file),
            Self::About(args) => Some(&args.file),
            Self::Timeline(args) => Some(&args.file),
            Self::Lake(args) => args.file(),
            Self::Ingest(_) | Self::Shell(_) | Self::Completions(_) | Self::Man(_) => None,
        }
    }

    fn queries(&self) -> Option<&QueriesArgs> {
        match self {
            Self::Query(args) => Some(&args.queries),
            Self::Sql(args) => Some(&args.queries),
            Self::Shell(args) => Some(&args.queries),
            Self::Detect(args) => Some(&args.queries),
            Self::About(args) => Some(&args.queries),
            Self::Views(args) => Some(args.queries()),
            Self::Ingest(_)
            | Self::Check(_)
            | Self::Search(_)
            | Self::Report(_)
            | Self::Event(_)
            | Self::Timeline(_)
            | Self::Lake(_)
            | Self::Completions(_)
            | Self::Man(_) => None,
        }
    }

    fn tz(&self) -> Option<Zone> {
        match self {
            Self::Query(args) => args.scope.tz,
            Self::Search(args) => args.scope.tz,
            Self::Sql(args) => args.scope.tz,
            Self::Shell(args) => args.scope.tz,
            Self::Detect(args) => args.scope.tz,
            Self::Check(args) => args.scope().tz,
            Self::Report(args) => args.scope().tz,
            Self::Event(args) => args.scope.tz,
            Self::About(args) => args.scope.tz,
            Self::Timeline(args) => args.scope.tz,
            Self::Lake(args) => args.tz(),
            Self::Ingest(_) | Self::Views(_) | Self::Completions(_) | Self::Man(_) => None,
        }
    }
}
