//! The line editor: prompt, history, completion menu, colours and an external editor, from reedline.
//!
//! It has a thread of its own. Where a terminal is closed, crossterm reads its end again and again and never returns.
//! So whoever waits for a line gives the thread up when the program is asked to end.

use std::borrow::Cow;
use std::fs;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use reedline::{
    EditCommand, Emacs, FileBackedHistory, IdeMenu, KeyCode, KeyModifiers, MenuBuilder, Prompt, PromptEditMode,
    PromptHistorySearch, PromptHistorySearchStatus, Reedline, ReedlineEvent, ReedlineMenu, Signal, ValidationResult,
    Validator, default_emacs_keybindings,
};
use tempfile::TempDir;
use trailql::faults;
use trailql::ops::inquiry::names::Names;
use trailql::ops::inquiry::scanner::Scanner;

use super::super::programs;
use super::completer::Completions;
use super::highlighter::Colors;

/// Entries of the history.
const HISTORY: usize = 10_000;

/// The name of the menu of completions.
const MENU: &str = "completions";

/// Columns of a description in the menu.
const DESCRIPTION_WIDTH: u16 = 60;

/// Lines of the menu.
const MENU_HEIGHT: u16 = 12;

/// The interval at which a reader looks whether the program is asked to end.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The time in which the editor puts the terminal in order when the program is asked to end.
const PATIENCE: Duration = Duration::from_millis(500);

/// A line editor on the terminal.
pub(super) struct Editor {
    asks: Sender<Ask>,
    answers: Receiver<Result<Read, Unfit>>,
    /// Set when the program is asked to end.
    end: Arc<AtomicBool>,
    /// The folder of the external editor.
    _folder: Option<TempDir>,
}

/// Something that the thread of the editor does. It answers each.
enum Ask {
    /// Read the next entry.
    Read,
    /// Write the history to its file.
    KeepHistory,
    /// Put a text before the cursor of the next line.
    Put(String),
}

/// Something that was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// Text: whole entries, or a line.
    Text(String),
    /// The line was given up.
    Cleared,
    /// The end of all input.
    End,
}

/// The line editor does not work on this terminal.
#[derive(Debug)]
pub(super) struct Unfit(pub(super) String);

/// Whatever an editor needs to know.
pub(super) struct EditorOptions<'o> {
    pub(super) names: Arc<Mutex<Names>>,
    pub(super) is_colored: bool,
    /// The file of the history; `None` keeps it in memory.
    pub(super) history: Option<&'o Path>,
    /// The command that edits a file.
    pub(super) editor: Option<&'o str>,
    /// Ends the reading when it is set.
    pub(super) end: Arc<AtomicBool>,
}

impl Editor {
    /// Makes an editor, and tells what is wrong with the file of the history.
    pub(super) fn new(options: EditorOptions<'_>) -> (Self, Option<String>) {
        let menu = IdeMenu::default()
            .with_name(MENU)
            .with_marker(PROMPT)
            .with_max_completion_height(MENU_HEIGHT)
            .with_min_description_width(0)
            .with_max_description_width(DESCRIPTION_WIDTH)
            .with_default_border();
        let mut keys = default_emacs_keybindings();
        let open_menu = ReedlineEvent::UntilFound(vec![ReedlineEvent::Menu(MENU.to_owned()), ReedlineEvent::MenuNext]);
        keys.add_binding(KeyModifiers::NONE, KeyCode::Tab, open_menu);
        keys.add_binding(KeyModifiers::SHIFT, KeyCode::BackTab, ReedlineEvent::MenuPrevious);
        let new_line = || ReedlineEvent::Edit(vec![EditCommand::InsertNewline]);
        keys.add_binding(KeyModifiers::ALT, KeyCode::Enter, new_line());
        keys.add_binding(KeyModifiers::SHIFT, KeyCode::Enter, new_line());
        let mut reedline = Reedline::create()
            .with_ansi_colors(options.is_colored)
            .with_completer(Box::new(Completions(Arc::clone(&options.names))))
            .with_highlighter(Box::new(Colors { names: options.names, is_on: options.is_colored }))
            .with_validator(Box::new(Whole))
            .with_menu(ReedlineMenu::EngineCompleter(Box::new(menu)))
            .with_edit_mode(Box::new(Emacs::new(keys)))
            .with_quick_completions(true)
            .with_partial_completions(true)
            .with_history_exclusion_prefix(Some(" ".to_owned()))
            .with_break_signal(Arc::clone(&options.end))
            .use_bracketed_paste(true);
        let mut problem = None;
        if let Some(path) = options.history {
            match history(path) {
                Ok(history) => reedline = reedline.with_history(Box::new(history)),
                Err(error) => problem = Some(format!("cannot keep the history: {error}: `{}`", path.display())),
            }
        }
        // The folder of a temporary file is for nobody else.
        let folder = tempfile::Builder::new().prefix("trailql-shell-").tempdir().ok();
        if let (Some(editor), Some(folder)) = (options.editor, &folder) {
            let file = folder.path().join("statement.sql");
            reedline = reedline.with_buffer_editor(programs::editor(editor, &file), file);
        }
        let (asks, asked) = channel();
        let (answer, answers) = channel();
        let run = move || {
            for ask in asked {
                if answer.send(answered(&mut reedline, ask)).is_err() {
                    return;
                }
            }
        };
        if let Err(error) = thread::Builder::new().name("line editor".to_owned()).spawn(run) {
            problem = Some(format!("cannot start the line editor: {error}"));
        }
        (Self { asks, answers, end: options.end, _folder: folder }, problem)
    }

    /// Reads whole entries.
    pub(super) fn read(&mut self) -> Result<Read, Unfit> {
        self.ask(Ask::Read)
    }

    /// Writes the history to its file.
    pub(super) fn keep_history(&mut self) {
        // What cannot be written was told of at the start, or is no reason to disturb an investigation.
        drop(self.ask(Ask::KeepHistory));
    }

    /// Puts a text before the cursor of the next line.
    pub(super) fn put(&mut self, text: &str) {
        drop(self.ask(Ask::Put(text.to_owned())));
    }

    fn ask(&self, ask: Ask) -> Result<Read, Unfit> {
        let ended = || Unfit("its thread has ended".to_owned());
        self.asks.send(ask).map_err(|_| ended())?;
        let mut asked_to_end = None;
        loop {
            match self.answers.recv_timeout(LOOK_EVERY) {
                Ok(answer) => return answer,
                Err(RecvTimeoutError::Disconnected) => return Err(ended()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            // A terminal that is gone is none. Its signal may be ignored (`nohup`), and the line editor reads nothing
            // of it for ever.
            let is_over = self.end.load(Ordering::Relaxed) || !io::stdin().is_terminal();
            if is_over && asked_to_end.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
                return Ok(Read::End);
            }
        }
    }
}

fn answered(reedline: &mut Reedline, ask: Ask) -> Result<Read, Unfit> {
    match ask {
        Ask::Read => match faults::catch(|| reedline.read_line(&Signs)) {
            Ok(Ok(Signal::Success(text))) => Ok(Read::Text(text)),
            Ok(Ok(Signal::CtrlC)) => Ok(Read::Cleared),
            Ok(Ok(_)) => Ok(Read::End),
            Ok(Err(error)) => Err(Unfit(error.to_string())),
            Err(panic) => {
                // What the editor would have done at its end.
                drop(crossterm::terminal::disable_raw_mode());
                Err(Unfit(panic))
            }
        },
        Ask::KeepHistory => {
            drop(reedline.sync_history());
            Ok(Read::Cleared)
        }
        Ask::Put(text) => {
            reedline.run_edit_commands(&[EditCommand::InsertString(text)]);
            Ok(Read::Cleared)
        }
    }
}

/// Opens the history, in a file that nobody else can read: statements name keys and people.
fn history(path: &Path) -> Result<FileBackedHistory, String> {
    let failed = |error: std::io::Error| error.to_string();
    if let Some(folder) = path.parent() {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(failed)?;
    }
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mut permissions = file.metadata().map_err(failed)?.permissions();
        if permissions.mode() & 0o077 != 0 {
            permissions.set_mode(0o600);
            file.set_permissions(permissions).map_err(failed)?;
        }
    }
    drop(file);
    FileBackedHistory::with_file(HISTORY, path.to_owned()).map_err(|error| error.to_string())
}

/// The prompt of an entry.
pub(super) const PROMPT: &str = "trailql> ";

/// The prompt of further lines of an entry.
pub(super) const CONTINUED: &str = "    ...> ";

/// The prompts.
struct Signs;

impl Prompt for Signs {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn render_prompt_right(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn render_prompt_indicator(&self, _: PromptEditMode) -> Cow<'_, str> {
        Cow::Borrowed(PROMPT)
    }

    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        Cow::Borrowed(CONTINUED)
    }

    fn render_prompt_history_search_indicator(&self, search: PromptHistorySearch) -> Cow<'_, str> {
        let failing = if matches!(search.status, PromptHistorySearchStatus::Failing) { "no match of " } else { "" };
        Cow::Owned(format!("({failing}history: {}) ", search.term))
    }
}

/// Lets Enter end an entry that is whole.
struct Whole;

impl Validator for Whole {
    fn validate(&self, line: &str) -> ValidationResult {
        let mut scanner = Scanner::default();
        // One that is too long is told of when it is read.
        let is_open = scanner.feed(line).is_ok() && scanner.is_open();
        if is_open { ValidationResult::Incomplete } else { ValidationResult::Complete }
    }
}
