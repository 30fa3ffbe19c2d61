//! Answers statements and commands, with the settings of the session: format, form, timing, destination.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arrow::record_batch::RecordBatch;
use trailql::engine::output::{OutputFormat, Rows, TableForm, escape};
use trailql::engine::views::{NewView, Severity, ViewKind};
use trailql::engine::{Query, ViewForm, ViewQuery};
use trailql::ops::inquiry::names::Names;
use trailql::ops::inquiry::scanner::{Entry, Scanner, TooLong};
use trailql::ops::inquiry::{COMPLETION_TIME, Inquiry};
use trailql::ops::own_views::Consent;
use trailql::ops::query::Output;
use trailql::ops::search::{self, DEFAULT_DAYS, DEFAULT_ROWS, SearchForm};
use trailql::spelling::similar;

use super::super::about::{self, Scoped};
use super::super::args::ClockArgs;
use super::super::destination::Destination;
use super::super::error::{CommandError, Kind};
use super::super::query::{Target, param_parser, write_output, write_rows};
use super::super::{Context, args, programs, scope, search as search_verb, timeline, views};
use super::command::{self, COMMANDS};
use super::describe;

/// Files that run each other, at most.
const DEEPEST_FILE: usize = 16;

/// The most bytes of a file that is run.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// The next step of the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// The next entry.
    Go,
    /// The end.
    End,
}

/// A source that is asked, and how its answers are shown.
pub(super) struct Desk<'c> {
    context: &'c Context<'c>,
    inquiry: Inquiry,
    clock: ClockArgs,
    names: Arc<Mutex<Names>>,
    /// The format that was set; else that of the file's extension, or a table.
    format: Option<OutputFormat>,
    form: TableForm,
    is_timed: bool,
    /// The file of answers.
    file: Option<Answers>,
    /// The last statement.
    last: Option<String>,
    /// A text that was edited, to be typed.
    edited: Option<String>,
    /// Files that are being run.
    depth: usize,
}

/// The file that answers go to.
struct Answers {
    path: PathBuf,
    force: bool,
    /// The answers so far.
    written: usize,
}

impl<'c> Desk<'c> {
    pub(super) fn new(inquiry: Inquiry, clock: ClockArgs, form: TableForm, context: &'c Context<'c>) -> Self {
        let names = Arc::new(Mutex::new(Names::of(&inquiry, inquiry.values(COMPLETION_TIME))));
        Self {
            context,
            inquiry,
            clock,
            names,
            format: None,
            form,
            is_timed: false,
            file: None,
            last: None,
            edited: None,
            depth: 0,
        }
    }

    /// The names that completions are made of.
    pub(super) fn names(&self) -> Arc<Mutex<Names>> {
        Arc::clone(&self.names)
    }

    /// Takes the text that was edited, to be typed.
    pub(super) fn take_edited(&mut self) -> Option<String> {
        self.edited.take()
    }

    /// Runs an entry of a file, and says where an error is.
    pub(super) fn run_at(&mut self, entry: &Entry, file: &str) -> Result<Flow, CommandError> {
        let flow = self.run(entry);
        match flow {
            Err(error) if error.is_broken_pipe() && self.context.ui.stdout_is_terminal() => Ok(Flow::Go),
            flow => flow.inspect_err(|_| {
                if entry.line > 1 {
                    self.context.ui.warning(&format!("the error is in what begins in line {} of `{file}`", entry.line));
                }
            }),
        }
    }

    /// Runs a statement or a command.
    pub(super) fn run(&mut self, entry: &Entry) -> Result<Flow, CommandError> {
        let (begun, paged) = (Instant::now(), self.context.ui.paged());
        // A session may be open for days.
        self.inquiry.set_present(self.clock.now())?;
        let (flow, is_answer) = if entry.is_command {
            let (name, arguments) = command::parse(&entry.text)?;
            (self.command(name, arguments)?, matches!(name, "\\v" | "\\search" | "\\about" | "\\timeline"))
        } else {
            self.last = Some(entry.text.clone());
            self.statement(&entry.text)?;
            (Flow::Go, true)
        };
        if self.is_timed && is_answer {
            let read = self.context.ui.paged().saturating_sub(paged);
            self.context.ui.note(&format!("time: {}", length(begun.elapsed().saturating_sub(read))));
        }
        Ok(flow)
    }

    fn statement(&mut self, sql: &str) -> Result<(), CommandError> {
        let ask = |desk: &Self| -> Result<Output, CommandError> {
            let answer = desk.inquiry.ask(&Query::Sql(sql.to_owned()));
            answer.map_err(|error| CommandError::from(error).under(sql, desk.context.ui.drawing_style()))
        };
        let written = ask(self).and_then(|answer| self.write(answer));
        self.refreshed(written)
    }

    /// Opens the newest version of the lake where the one that was asked is gone.
    fn refreshed(&mut self, written: Result<(), CommandError>) -> Result<(), CommandError> {
        if written.as_ref().is_err_and(CommandError::is_outdated)
            && self.inquiry.refresh(&self.context.ui.progress())?
        {
            self.renew_names();
            self.context.ui.note("the newest version of the lake is open now");
        }
        written
    }

    fn write(&mut self, answer: Output) -> Result<(), CommandError> {
        let otherwise = if matches!(answer, Output::Events(_)) { OutputFormat::Jsonl } else { OutputFormat::Table };
        let (target, format) = self.target(otherwise)?;
        write_output(answer, format, target, self.context)?;
        self.written();
        Ok(())
    }

    fn write_batch(&mut self, batch: RecordBatch) -> Result<(), CommandError> {
        let (target, format) = self.target(OutputFormat::Table)?;
        write_rows(&mut Rows::from(batch), format, target, self.context)?;
        self.written();
        Ok(())
    }

    /// Returns the place and the format of the next answer.
    fn target(&self, otherwise: OutputFormat) -> Result<(Target, OutputFormat), CommandError> {
        let Some(file) = &self.file else {
            let target = Target { destination: Destination::Stdout, form: self.form };
            return Ok((target, self.format.unwrap_or(otherwise)));
        };
        let format = self.format.or_else(|| OutputFormat::of_path(&file.path)).unwrap_or(otherwise);
        let destination = match file.written {
            0 => Destination::File { path: file.path.clone(), force: file.force },
            // Nothing can be put behind the end of such a file.
            _ if format == OutputFormat::Parquet => {
                let message = format!("a file holds one answer in parquet: `{}`", file.path.display());
                return Err(CommandError::user(message).hint("name another file with `\\o FILE`"));
            }
            _ => Destination::Appended(file.path.clone()),
        };
        Ok((Target { destination, form: self.form }, format))
    }

    fn written(&mut self) {
        if let Some(file) = &mut self.file {
            file.written += 1;
        }
    }

    fn renew_names(&self) {
        let names = Names::of(&self.inquiry, self.inquiry.values(COMPLETION_TIME));
        *self.names.lock().unwrap_or_else(PoisonError::into_inner) = names;
    }

    fn command(&mut self, name: &str, arguments: &str) -> Result<Flow, CommandError> {
        let words = || command::words(arguments);
        match name {
            "\\q" => return Ok(Flow::End),
            "\\?" => self.help()?,
            "\\d" => {
                let batch = match arguments {
                    "" => describe::tables(&self.inquiry)?,
                    table => describe::columns(&self.inquiry, table.trim_end_matches(';'))?,
                };
                self.write_batch(batch)?;
            }
            "\\dv" => {
                let lang = self.context.settings.lang.value;
                self.write_batch(describe::views(&self.inquiry, arguments, lang)?)?;
            }
            "\\df" => self.write_batch(describe::functions(&self.inquiry, arguments)?)?,
            "\\v" => self.view(&words()?)?,
            "\\about" => {
                let about::InShell { page, format } = command::arguments(&words()?)?;
                let (target, _) = self.target(OutputFormat::Table)?;
                let scoped = Scoped::in_shell();
                about::show(&page, &format, self.inquiry.opened(), &scoped, &target.destination, self.context)?;
                self.written();
            }
            "\\timeline" => {
                let timeline::InShell { lines, format } = command::arguments(&words()?)?;
                let (target, _) = self.target(OutputFormat::Table)?;
                timeline::show(&lines, &format, self.inquiry.opened(), &target.destination, self.context)?;
                self.written();
            }
            "\\search" => self.search(arguments)?,
            "\\scope" => self.scope(&words()?)?,
            "\\format" => self.set_format(arguments)?,
            "\\x" => self.toggle(TableForm::Expanded, "rows are shown as records"),
            "\\wide" => self.toggle(TableForm::Wide, "every value is shown whole"),
            "\\timing" => {
                self.is_timed = !self.is_timed;
                self.say(if self.is_timed { "timing is on" } else { "timing is off" });
            }
            "\\o" => self.set_file(&words()?)?,
            "\\i" => return self.run_file(&words()?),
            "\\e" => self.edit()?,
            "\\p" => {
                let last = self.last_statement()?.to_owned();
                let shown: Vec<_> = last.lines().map(escape::terminal).collect();
                let text = format!("{};\n", shown.join("\n"));
                Destination::Stdout.write(self.context.ui, |out| out.write_all(text.as_bytes()))?;
            }
            "\\save" => self.save(&words()?)?,
            "\\refresh" => match self.inquiry.refresh(&self.context.ui.progress())? {
                true => {
                    self.renew_names();
                    self.tell_scope()?;
                }
                false => self.say("exports are read once: there is nothing newer"),
            },
            other => return Err(CommandError::new(Kind::Internal, format!("nothing answers `{other}`"))),
        }
        Ok(Flow::Go)
    }

    fn say(&self, text: &str) {
        self.context.ui.note(text);
    }

    fn help(&self) -> Result<(), CommandError> {
        let mut text = String::from("Statements of SQL end with `;`. Commands:\n");
        let forms: Vec<String> =
            COMMANDS.iter().map(|command| format!("{} {}", command.name, command.arguments)).collect();
        for (form, command) in forms.iter().zip(&COMMANDS) {
            // Writing to a String cannot fail.
            let _ = if form.len() < 24 {
                writeln!(text, "  {form:24}{}", command.meaning)
            } else {
                writeln!(text, "  {form}\n  {:24}{}", "", command.meaning)
            };
        }
        text.push_str(
            "Tab completes, Ctrl-R looks for earlier entries, Ctrl-O opens the editor, Alt-Enter begins a line,\n",
        );
        text.push_str("Ctrl-C stops a question or gives a line up. `trailql shell --help` tells the flags.\n");
        Destination::Stdout.write(self.context.ui, |out| out.write_all(text.as_bytes()))
    }

    fn view(&mut self, words: &[String]) -> Result<(), CommandError> {
        let mut form = ViewForm::Rows;
        let mut words = words.iter().map(String::as_str).peekable();
        while let Some(flag) = words.next_if(|word| word.starts_with("--")) {
            form = match flag {
                "--histogram" => ViewForm::Histogram,
                "--raw" => ViewForm::Events,
                other => {
                    let near = similar(other, ["--histogram", "--raw"]);
                    return Err(CommandError::user(format!("no such flag: `{other}`"))
                        .hint("the flags are `--histogram` and `--raw`")
                        .similar(&near));
                }
            };
        }
        let name = words.next().ok_or_else(|| missing("\\v", "a view"))?.to_owned();
        // As on the command line, a parameter may stand behind -p.
        let params = words.filter(|word| !matches!(*word, "-p" | "--param"));
        let params = params.map(|word| {
            param_parser(word.trim_end_matches(';')).map_err(|error| match error.split_once('\n') {
                Some((message, hint)) => CommandError::user(message).hint(hint),
                None => CommandError::user(error),
            })
        });
        let params = params.collect::<Result<Vec<_>, _>>()?;
        let answer = self.inquiry.ask(&Query::View(ViewQuery { name, params }, form))?;
        let written = self.write(answer);
        self.refreshed(written)
    }

    fn search(&mut self, statement: &str) -> Result<(), CommandError> {
        if statement.is_empty() {
            return Err(missing("\\search", "a statement"));
        }
        let search = search_verb::read(statement, SearchForm::Rows, DEFAULT_ROWS, false, self.context)?;
        let style = self.context.ui.drawing_style();
        let mut scope = self.inquiry.asked_scope().clone();
        if search::set_default_range(&mut scope) {
            self.say(&format!("range: the last {DEFAULT_DAYS} days, as in the console; `\\scope since=…` changes it"));
        }
        let of_search = |error: CommandError| error.of_search(statement, style);
        let answer = self.inquiry.search_in(&scope, &search).map_err(|error| of_search(error.into()))?;
        let written = self.write(answer).map_err(of_search);
        self.refreshed(written)
    }

    fn scope(&mut self, words: &[String]) -> Result<(), CommandError> {
        if !words.is_empty() {
            let scope = command::set_scope(self.inquiry.asked_scope(), words)?;
            self.inquiry.set_scope(scope)?;
            self.renew_names();
        }
        self.tell_scope()
    }

    /// Says on stdout what the scope is, and on stderr what is odd about it.
    fn tell_scope(&self) -> Result<(), CommandError> {
        let ui = self.context.ui;
        let resolved = self.inquiry.scope();
        let text = format!("{}, times in {}\n", scope::describe(resolved), resolved.tz.name());
        Destination::Stdout.write(ui, |out| out.write_all(text.as_bytes()))?;
        scope::warn(&self.inquiry.notices()?, resolved, false, ui);
        Ok(())
    }

    fn set_format(&mut self, name: &str) -> Result<(), CommandError> {
        if !name.is_empty() {
            let format = OutputFormat::ALL.into_iter().find(|format| format.name() == name).ok_or_else(|| {
                let names = OutputFormat::ALL.map(OutputFormat::name);
                let listed = names.map(|name| format!("`{name}`")).join(", ");
                CommandError::user(format!("no such format: `{name}`"))
                    .hint(format!("the formats are {listed}"))
                    .similar(&similar(name, names))
            })?;
            self.format = Some(format);
        }
        self.say(&format!("format: {}", self.format.unwrap_or(OutputFormat::Table)));
        Ok(())
    }

    fn toggle(&mut self, form: TableForm, said: &str) {
        let is_on = self.form != form;
        self.form = if is_on { form } else { TableForm::Fitting };
        self.say(if is_on { said } else { "tables fit the terminal" });
    }

    fn set_file(&mut self, words: &[String]) -> Result<(), CommandError> {
        let (force, words) = match words {
            [flag, rest @ ..] if flag == "--force" => (true, rest),
            words => (false, words),
        };
        match words {
            [] => {
                self.file = None;
                self.say("answers go to the terminal");
            }
            [path] => {
                let destination = Destination::File { path: PathBuf::from(path), force };
                destination.check().map_err(|error| {
                    if Path::new(path).exists() { error.hint("write `\\o --force FILE` to replace it") } else { error }
                })?;
                self.file = Some(Answers { path: PathBuf::from(path), force, written: 0 });
                self.say(&format!("answers go to: `{path}`"));
            }
            [_, more, ..] => return Err(CommandError::user(format!("one argument too many: `{more}`"))),
        }
        Ok(())
    }

    fn run_file(&mut self, words: &[String]) -> Result<Flow, CommandError> {
        let path = words.first().ok_or_else(|| missing("\\i", "a file"))?;
        let failed = |reason: String| CommandError::new(Kind::Data, format!("cannot read `{path}`: {reason}"));
        if self.depth >= DEEPEST_FILE {
            return Err(failed(format!("more than {DEEPEST_FILE} files run each other")));
        }
        // A pipe would be waited for.
        let metadata = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?;
        if !metadata.is_file() {
            return Err(failed("it is no file".to_owned()));
        }
        if metadata.len() > MAX_FILE_BYTES {
            return Err(failed(format!("it has more than {} MiB", MAX_FILE_BYTES >> 20)));
        }
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        let mut scanner = Scanner::default();
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let mut entries = scanner.feed(text).map_err(|TooLong| failed("a statement is too long".to_owned()))?;
        entries.extend(scanner.finish());
        self.depth += 1;
        let mut flow = Ok(Flow::Go);
        for entry in entries {
            flow = self.run_at(&entry, path);
            if !matches!(flow, Ok(Flow::Go)) {
                break;
            }
        }
        self.depth -= 1;
        flow
    }

    fn last_statement(&self) -> Result<&str, CommandError> {
        self.last.as_deref().ok_or_else(|| CommandError::user("there is no statement yet"))
    }

    fn edit(&mut self) -> Result<(), CommandError> {
        let editor = self.context.settings.editor.as_ref().ok_or_else(|| {
            CommandError::new(Kind::Config, "no editor is set, neither in `$VISUAL` nor in `$EDITOR`")
                .hint("set one, such as `EDITOR=vi`")
        })?;
        let failed = |error: std::io::Error| CommandError::new(Kind::Data, format!("cannot edit: {error}"));
        // The folder of a temporary file is for nobody else.
        let folder = tempfile::Builder::new().prefix("trailql-shell-").tempdir().map_err(failed)?;
        let path = folder.path().join("statement.sql");
        let last = self.last.as_ref().map(|last| format!("{last};\n")).unwrap_or_default();
        std::fs::write(&path, last).map_err(failed)?;
        let lent = self.context.ui.signals().lend_terminal();
        let status = programs::editor(&editor.value, &path).status().map_err(failed)?;
        drop(lent);
        if !status.success() {
            return Err(CommandError::user(format!("the editor failed: `{}`: {status}", editor.value)));
        }
        let text = std::fs::read_to_string(&path).map_err(failed)?;
        self.edited = Some(text.trim_end().to_owned()).filter(|text| !text.is_empty());
        Ok(())
    }

    fn save(&mut self, words: &[String]) -> Result<(), CommandError> {
        let (replace, words) = match words {
            [flag, rest @ ..] if flag == "--replace" => (true, rest),
            words => (false, words),
        };
        let (name, title) = words.split_first().ok_or_else(|| missing("\\save", "a name"))?;
        let sql = self.last_statement()?.to_owned();
        let mut own = views::own::open(self.context)?;
        // The folder may have been made since the start.
        let mut folders = own.folders.clone();
        folders.extend(Some(own.folder.clone()).filter(|folder| folder.is_dir() && !own.folders.contains(folder)));
        own.views = args::views_of(folders.iter(), self.context)?.0;
        let consent = Consent { replace, edited: None };
        own.may_store(name, &consent)?;
        let text = own.draft(NewView {
            name: name.clone(),
            title: if title.is_empty() { views::title_of(name) } else { title.join(" ") },
            why: views::NO_MEANING.to_owned(),
            severity: Severity::Info,
            kind: ViewKind::Summary,
            params: Vec::new(),
            search: None,
            sql,
        })?;
        let stored = own.store(&text, &consent)?;
        views::own::tell(&stored, self.context);
        own.views.put(stored.view);
        self.inquiry.set_views(Arc::new(own.views))?;
        self.renew_names();
        Ok(())
    }
}

impl Drop for Desk<'_> {
    /// Takes the source away from the line editor, whose thread may never end, so that temporary lakes are removed.
    fn drop(&mut self) {
        *self.names.lock().unwrap_or_else(PoisonError::into_inner) = Names::default();
    }
}

fn missing(command: &str, what: &str) -> CommandError {
    let form = COMMANDS.iter().find(|known| known.name == command).map_or("", |known| known.arguments);
    CommandError::user(format!("`{command}` needs {what}")).hint(format!("write `{command} {form}`"))
}

/// Returns a length of time for people: `12 ms`, `1.234 s`.
fn length(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{} ms", time.as_millis())
    } else {
        format!("{:.3} s", time.as_secs_f64())
    }
}
