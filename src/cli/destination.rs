//! The destination of an answer: stdout, or a file that appears complete or not at all.
//!
//! A file is written under a temporary name beside its own and renamed when it is complete. A file that is there
//! already is replaced with `--force` only. That is found before the work is done, which may take minutes. What is no
//! regular file (a named pipe, a device) is written to as it is, for a rename would replace it.

use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use trailql::engine::output::{OutputStyle, TableForm};

use super::error::CommandError;
use super::pager::Ended;
use super::ui::Ui;

/// Flags for the destination of an answer, the same for every verb that writes a file.
#[derive(Debug, Args)]
pub(crate) struct FileArgs {
    /// Write the answer to this file instead of stdout
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,
    /// Replace the file of -o where there is one already
    #[arg(long, requires = "output")]
    force: bool,
}

impl FileArgs {
    /// The place that `-o` names; `-` and the names of stdout are stdout.
    pub(crate) fn destination(&self) -> Destination {
        match &self.output {
            Some(path) if !STDOUT.iter().any(|stdout| path == Path::new(stdout)) => {
                Destination::File { path: path.clone(), force: self.force }
            }
            _ => Destination::Stdout,
        }
    }
}

/// Names of stdout. Where it is a file, to open it by its name would write over what stands in it.
const STDOUT: [&str; 4] = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/// Folders of what a process has open. It is nobody's file, whatever stands behind it.
const OPEN_FILES: [&str; 3] = ["/dev/fd", "/dev/stderr", "/proc/self/fd"];

/// The destination of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// Standard output.
    Stdout,
    /// A file.
    File {
        /// Its path.
        path: PathBuf,
        /// Allows a file that exists to be replaced.
        force: bool,
    },
    /// The end of a file, behind what stands in it.
    Appended(PathBuf),
}

impl Destination {
    /// Finds what stands in the way of writing, before the answer is worked out.
    pub(crate) fn check(&self) -> Result<(), CommandError> {
        let (path, force) = match self {
            Self::Stdout | Self::Appended(_) => return Ok(()),
            Self::File { path, force } => (path, force),
        };
        let shown = path.display();
        if is_written_in_place(path) {
            return Ok(());
        }
        if path.is_dir() {
            return Err(CommandError::user(format!("a folder, not a file: `{shown}`")));
        }
        // A link that leads nowhere is there as well.
        if !force && path.symlink_metadata().is_ok() {
            return Err(CommandError::user(format!("the file is there already: `{shown}`"))
                .hint("give `--force` to replace it, or another name"));
        }
        match folder_of(path) {
            folder if folder.is_dir() => Ok(()),
            folder => Err(CommandError::user(format!("no such folder: `{}`", folder.display()))
                .hint(format!("make it first, or give another name than `{shown}`"))),
        }
    }

    /// Its name in messages.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Stdout => "stdout".to_owned(),
            Self::File { path, .. } | Self::Appended(path) => path.display().to_string(),
        }
    }

    /// Returns `true` if the output is shown on a terminal.
    pub(crate) fn is_terminal(&self, ui: &Ui) -> bool {
        *self == Self::Stdout && ui.stdout_is_terminal()
    }

    /// Returns the layout of an answer whose tables have this form.
    pub(crate) fn style(&self, form: TableForm, ui: &Ui) -> OutputStyle {
        let style = if self.is_terminal(ui) { ui.stdout_style() } else { OutputStyle::default() };
        OutputStyle { form, ..style }
    }

    /// Lets `body` write the answer, and makes it visible when all of it is there.
    pub(crate) fn write<T, E>(
        &self,
        ui: &Ui,
        body: impl FnOnce(&mut (dyn Write + Send)) -> Result<T, E>,
    ) -> Result<T, CommandError>
    where
        CommandError: From<E>,
    {
        match self {
            Self::Stdout => to_stdout(ui, body),
            Self::Appended(path) => {
                let name = self.name();
                let file = File::options().append(true).create(true).open(path);
                let out = BufWriter::new(file.map_err(|error| CommandError::write(&name, error))?);
                through(out, &name, body).map(|(answer, _)| answer)
            }
            Self::File { path, .. } => {
                let name = self.name();
                let failed = |e: io::Error| CommandError::write(&name, e);
                self.check()?;
                if is_written_in_place(path) {
                    let out = BufWriter::new(File::options().append(true).open(path).map_err(failed)?);
                    return through(out, &name, body).map(|(answer, _)| answer);
                }
                // A link to a file stays a link: its target is replaced.
                let target = fs::canonicalize(path).unwrap_or_else(|_| path.clone());
                let temporary = temporary_beside(folder_of(&target)).map_err(failed)?;
                let (answer, out) = through(BufWriter::new(temporary), &name, body)?;
                let temporary = out.into_inner().map_err(|e| failed(e.into_error()))?;
                if let Ok(existing) = fs::metadata(&target) {
                    temporary.as_file().set_permissions(existing.permissions()).map_err(failed)?;
                }
                temporary.as_file().sync_all().map_err(failed)?;
                // The answer took its time, and somebody may have written the file meanwhile.
                self.check()?;
                temporary.persist(&target).map_err(|e| failed(e.error))?;
                Ok(answer)
            }
        }
    }
}

/// Returns `true` if a path names no regular file and no folder, so that nothing of it can be replaced.
fn is_written_in_place(path: &Path) -> bool {
    let open = OPEN_FILES.iter().any(|open| path.starts_with(open));
    fs::metadata(path).is_ok_and(|metadata| open || !(metadata.is_file() || metadata.is_dir()))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Keeps the error of a destination that takes no more: whoever writes does not know its name.
struct Noting<W> {
    inner: W,
    failed: Option<io::Error>,
}

impl<W: Write> Noting<W> {
    fn note<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        result.inspect_err(|error| {
            if error.kind() != io::ErrorKind::Interrupted {
                self.failed = Some(io::Error::new(error.kind(), error.to_string()));
            }
        })
    }
}

impl<W: Write> Write for Noting<W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buf);
        self.note(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.inner.flush();
        self.note(flushed)
    }
}

/// Lets `body` write to `out`, of this name, and flushes it.
fn through<W: Write + Send, T, E>(
    out: W,
    name: &str,
    body: impl FnOnce(&mut (dyn Write + Send)) -> Result<T, E>,
) -> Result<(T, W), CommandError>
where
    CommandError: From<E>,
{
    let mut out = Noting { inner: out, failed: None };
    let answer = body(&mut out);
    match (answer, out.failed.take()) {
        (Err(_), Some(error)) => Err(CommandError::write(name, error)),
        (Err(error), None) => Err(error.into()),
        (Ok(answer), _) => {
            out.flush().map_err(|error| CommandError::write(name, error))?;
            Ok((answer, out.inner))
        }
    }
}

/// Lets `body` write to stdout, which may lead through a pager. A reader who leaves the pager early is as one who
/// closes a pipe: there is no more to do.
fn to_stdout<T, E>(ui: &Ui, body: impl FnOnce(&mut (dyn Write + Send)) -> Result<T, E>) -> Result<T, CommandError>
where
    CommandError: From<E>,
{
    const NAME: &str = "stdout";
    let mut out = Noting { inner: ui.out(), failed: None };
    let answer = body(&mut out);
    let ended = out.inner.end();
    match &ended {
        Ok(Ended::WithoutPager) => ui.warning("the pager cannot be started, so the answer is shown without it"),
        // It was the pager that asked to stop.
        Ok(Ended::Early) => ui.stop_signal().reset(),
        Ok(Ended::Whole) | Err(_) => {}
    }
    let failed = out.failed.or_else(|| match ended {
        Ok(Ended::Early) => Some(io::ErrorKind::BrokenPipe.into()),
        Ok(_) => None,
        Err(error) => Some(error),
    });
    match (answer, failed) {
        (_, Some(error)) => Err(CommandError::write(NAME, error)),
        (Err(error), None) => Err(error.into()),
        (Ok(answer), None) => Ok(answer),
    }
}

fn temporary_beside(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".trailql-").suffix(".tmp");
    // As any new file, not only for the owner: the umask of the user decides.
    #[cfg(unix)]
    builder.permissions(<Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
    builder.tempfile_in(folder)
}
