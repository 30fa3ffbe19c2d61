//! Where an answer goes: stdout, or a file that is either whole or not there.
//!
//! A file is written under a temporary name beside its own and renamed when it is complete. What is no regular file
//! (`/dev/stdout`, a named pipe) is written to as it is, for a rename would replace it.

use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::error::CommandError;
use super::ui::Ui;

/// Where an answer goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// Standard output.
    Stdout,
    /// A file.
    File(PathBuf),
}

impl Destination {
    /// The place that `-o` names; `-` is stdout.
    pub(crate) fn new(path: Option<&Path>) -> Self {
        match path {
            Some(path) if path != Path::new("-") => Self::File(path.to_owned()),
            _ => Self::Stdout,
        }
    }

    /// True when what is written is shown on a terminal.
    pub(crate) fn is_terminal(&self, ui: &Ui) -> bool {
        *self == Self::Stdout && ui.stdout_is_terminal()
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
            Self::Stdout => through(ui.out(), "stdout", body).map(|(answer, _)| answer),
            Self::File(path) => {
                let name = path.display().to_string();
                let failed = |e: io::Error| CommandError::write(&name, e);
                let existing = fs::metadata(path).ok();
                if existing.as_ref().is_some_and(fs::Metadata::is_dir) {
                    return Err(CommandError::user(format!("a folder, not a file: `{}`", path.display())));
                }
                if existing.as_ref().is_some_and(|metadata| !metadata.is_file()) {
                    let out = BufWriter::new(File::options().write(true).open(path).map_err(failed)?);
                    return through(out, &name, body).map(|(answer, _)| answer);
                }
                // A link to a file stays a link: its target is replaced.
                let target = fs::canonicalize(path).unwrap_or_else(|_| path.clone());
                let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
                let temporary = temporary_beside(folder.unwrap_or(Path::new("."))).map_err(failed)?;
                let (answer, out) = through(BufWriter::new(temporary), &name, body)?;
                let temporary = out.into_inner().map_err(|e| failed(e.into_error()))?;
                if let Some(existing) = existing {
                    temporary.as_file().set_permissions(existing.permissions()).map_err(failed)?;
                }
                temporary.as_file().sync_all().map_err(failed)?;
                temporary.persist(&target).map_err(|e| failed(e.error))?;
                Ok(answer)
            }
        }
    }
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

fn temporary_beside(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".trailql-").suffix(".tmp");
    // As any new file, not only for the owner: the umask of the user decides.
    #[cfg(unix)]
    builder.permissions(<Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
    builder.tempfile_in(folder)
}
