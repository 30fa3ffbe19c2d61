//! Writes a view file so that it appears whole or not at all.

use super::Place;
use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::path::Path;

/// Writes the file of a place. Where nothing is there, something that has appeared meanwhile is replaced with consent
/// only; else it is an error of the kind `AlreadyExists`.
pub(super) fn write(place: &Place, text: &str, may_replace: bool, makes_folder: bool) -> io::Result<()> {
    // A link to a file stays a link: its target is replaced.
    let target =
        if place.is_taken { fs::canonicalize(&place.path).unwrap_or(place.path.clone()) } else { place.path.clone() };
    let folder = target.parent().unwrap_or(Path::new("."));
    if makes_folder {
        // A file in the place of the folder is no view that is there already.
        fs::create_dir_all(folder).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => io::ErrorKind::NotADirectory.into(),
            _ => error,
        })?;
    }
    // Hidden, so that no reader of the folder takes it for a view.
    let mut builder = tempfile::Builder::new();
    builder.prefix(".trailql-").suffix(".tmp");
    // As any new file, not only for the owner: the umask of the user decides.
    #[cfg(unix)]
    builder.permissions(<Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
    let mut temporary = builder.tempfile_in(folder)?;
    temporary.write_all(text.as_bytes())?;
    if place.is_taken
        && let Ok(existing) = fs::metadata(&target)
    {
        temporary.as_file().set_permissions(existing.permissions())?;
    }
    temporary.as_file().sync_all()?;
    let stored =
        if place.is_taken || may_replace { temporary.persist(&target) } else { temporary.persist_noclobber(&target) };
    stored.map_err(|error| error.error)?;
    Ok(())
}
