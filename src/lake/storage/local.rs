//! A lake in a local folder.

use super::{Listed, LockGuard, RangeReader, StagedFile, Stat, StorageBackend, TEMPORARY};
use crate::lake::error::LakeError;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use tempfile::NamedTempFile;

/// A folder on a local disk, or on a network file system.
#[derive(Debug)]
pub struct LocalFolder {
    root: PathBuf,
}

impl LocalFolder {
    /// The storage in `root`.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_path_buf() }
    }

    /// Writes a temporary file beside `target`, and syncs it.
    fn write_temporary(&self, target: &Path, bytes: &[u8]) -> Result<NamedTempFile, LakeError> {
        let mut temporary = temporary_file(target.parent().unwrap_or(&self.root))?;
        temporary.write_all(bytes).map_err(LakeError::io("write", target))?;
        temporary.as_file().sync_all().map_err(LakeError::io("sync", target))?;
        Ok(temporary)
    }
}

impl StorageBackend for LocalFolder {
    fn location(&self, path: &str) -> PathBuf {
        let parts = path.split('/').filter(|part| !part.is_empty());
        parts.fold(self.root.clone(), |path, part| path.join(part))
    }

    fn get(&self, path: &str) -> Result<Vec<u8>, LakeError> {
        let path = self.location(path);
        fs::read(&path).map_err(LakeError::io("read", &path))
    }

    fn open_ranges(&self, path: &str) -> Result<Box<dyn RangeReader>, LakeError> {
        let path = self.location(path);
        let file = File::open(&path).map_err(LakeError::io("read", &path))?;
        Ok(Box::new(LocalRanges { path, file: Mutex::new(file) }))
    }

    fn open_local(&self, path: &str) -> Result<File, LakeError> {
        let path = self.location(path);
        File::open(&path).map_err(LakeError::io("open", &path))
    }

    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), LakeError> {
        let path = self.location(path);
        let temporary = self.write_temporary(&path, bytes)?;
        temporary.persist(&path).map_err(|error| LakeError::io("create", &path)(error.error))?;
        sync_folder(path.parent().unwrap_or(&self.root))
    }

    fn put_exclusive(&self, path: &str, bytes: &[u8]) -> Result<(), LakeError> {
        let path = self.location(path);
        let temporary = self.write_temporary(&path, bytes)?;
        // A hard link, or a rename that fails if the name exists.
        temporary.persist_noclobber(&path).map_err(|error| LakeError::io("create", &path)(error.error))?;
        sync_folder(path.parent().unwrap_or(&self.root))
    }

    fn stage(&self, folder: &str) -> Result<StagedFile, LakeError> {
        self.create_folder(folder)?;
        temporary_file(&self.location(folder)).map(StagedFile)
    }

    fn publish(&self, staged: StagedFile, path: &str, durable: bool) -> Result<(), LakeError> {
        let StagedFile(temporary) = staged;
        if durable {
            temporary.as_file().sync_all().map_err(LakeError::io("sync", temporary.path()))?;
        }
        let path = self.location(path);
        temporary.persist(&path).map(drop).map_err(|error| LakeError::io("create", &path)(error.error))
    }

    fn sync_folder(&self, folder: &str) -> Result<(), LakeError> {
        sync_folder(&self.location(folder))
    }

    fn create_folder(&self, folder: &str) -> Result<(), LakeError> {
        let folder = self.location(folder);
        fs::create_dir_all(&folder).map_err(LakeError::io("create", &folder))
    }

    fn list(&self, folder: &str) -> Result<Vec<Listed>, LakeError> {
        let folder = self.location(folder);
        let list = || -> io::Result<Vec<Listed>> {
            let listed = |item: io::Result<fs::DirEntry>| {
                let item = item?;
                let name = item.file_name().to_string_lossy().into_owned();
                Ok(Listed { name, is_folder: item.file_type()?.is_dir() })
            };
            fs::read_dir(&folder)?.map(listed).collect()
        };
        list().map_err(LakeError::io("list", &folder))
    }

    fn stat(&self, path: &str) -> Result<Stat, LakeError> {
        let path = self.location(path);
        // A link is looked at itself, since it is the link that would be deleted.
        let found = fs::symlink_metadata(&path).and_then(|found| Ok((found.len(), found.modified()?)));
        let (bytes, modified_at) = found.map_err(LakeError::io("look at", &path))?;
        Ok(Stat { bytes, modified_at })
    }

    fn delete(&self, path: &str) -> Result<(), LakeError> {
        let path = self.location(path);
        fs::remove_file(&path).map_err(LakeError::io("remove", &path))
    }

    fn lock(&self, path: &str, waiting: &mut dyn FnMut()) -> Result<Box<dyn LockGuard>, LakeError> {
        let path = self.location(path);
        let lock = File::create(&path).map_err(LakeError::io("create", &path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                waiting();
                lock.lock().map_err(LakeError::io("lock", &path))?;
            }
            // Some network file systems have no locks.
            Err(fs::TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {}
            Err(fs::TryLockError::Error(error)) => return Err(LakeError::io("lock", &path)(error)),
        }
        Ok(Box::new(FileLock { _file: lock }))
    }
}

/// A lock on a file, which the system frees when the file is closed.
#[derive(Debug)]
struct FileLock {
    _file: File,
}

impl LockGuard for FileLock {}

/// An open file of which parts are read.
#[derive(Debug)]
struct LocalRanges {
    path: PathBuf,
    file: Mutex<File>,
}

impl RangeReader for LocalRanges {
    fn get_range(&self, offset: u64, length: u64) -> Result<Vec<u8>, LakeError> {
        let mut bytes = Vec::new();
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file.seek(SeekFrom::Start(offset));
        let read = read.and_then(|_| (&mut *file).take(length).read_to_end(&mut bytes));
        read.map_err(LakeError::io("read", &self.path))?;
        Ok(bytes)
    }
}

/// Makes the names in a folder durable: a file that was renamed into it survives a loss of power.
fn sync_folder(folder: &Path) -> Result<(), LakeError> {
    // Other systems cannot open folders as files. Their file systems order renames by themselves.
    if cfg!(unix) {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(LakeError::io("sync", folder))?;
    }
    Ok(())
}

/// Makes a file that gets its own name later. The umask decides who may read it, as for any new file.
fn temporary_file(folder: &Path) -> Result<NamedTempFile, LakeError> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY.0).suffix(TEMPORARY.1);
    #[cfg(unix)]
    builder.permissions(<fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
    builder.tempfile_in(folder).map_err(LakeError::io("create a file in", folder))
}

#[cfg(test)]
mod tests {
    use crate::lake::error::LakeError;
    use crate::lake::storage::{Storage, is_temporary_name};
    use std::io::{ErrorKind, Write};

    fn kind<T>(result: Result<T, LakeError>) -> Option<ErrorKind> {
        match result {
            Err(LakeError::Io { source, .. }) => Some(source.kind()),
            _ => None,
        }
    }

    #[test]
    fn a_file_is_created_once_and_replaced_as_often_as_asked() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::local(folder.path());
        storage.put_exclusive("a", b"1").unwrap();
        assert_eq!(kind(storage.put_exclusive("a", b"2")), Some(ErrorKind::AlreadyExists));
        assert_eq!(storage.get("a").unwrap(), b"1");
        storage.put("a", b"3").unwrap();
        assert_eq!(storage.get("a").unwrap(), b"3");
        assert_eq!(storage.list("").unwrap().len(), 1);
        storage.delete("a").unwrap();
        for missing in [kind(storage.get("a")), kind(storage.stat("a")), kind(storage.delete("a"))] {
            assert_eq!(missing, Some(ErrorKind::NotFound));
        }
    }

    #[test]
    fn a_staged_file_is_seen_when_it_is_published() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::local(folder.path());
        for (path, durable) in [("events/day/x", true), ("events/day/y", false)] {
            let staged = storage.stage("events/day").unwrap();
            staged.file().write_all(path.as_bytes()).unwrap();
            let listed = storage.list("events/day").unwrap();
            assert!(listed.iter().any(|item| is_temporary_name(&item.name)) && storage.get(path).is_err());
            storage.publish(staged, path, durable).unwrap();
            storage.sync_folder("events/day").unwrap();
            assert_eq!(storage.get(path).unwrap(), path.as_bytes());
        }
        drop(storage.stage("events/day").unwrap());
        assert_eq!(storage.list("events/day").unwrap().len(), 2);
        assert!(storage.list("events").unwrap().iter().all(|item| item.is_folder && item.name == "day"));
    }

    #[test]
    fn ranges_end_with_the_file_and_outlive_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::local(folder.path());
        storage.put("a", b"0123456789").unwrap();
        let ranges = storage.open_ranges("a").unwrap();
        storage.delete("a").unwrap();
        for (offset, length, bytes) in [(0, 3, "012"), (8, u64::MAX, "89"), (20, 1, ""), (4, 0, "")] {
            assert_eq!(ranges.get_range(offset, length).unwrap(), bytes.as_bytes(), "{offset}, {length}");
        }
    }

    #[test]
    fn a_lock_that_is_held_makes_others_wait() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::local(folder.path());
        let mut held = Some(storage.lock("writer.lock", &mut || panic!("nobody holds it")).unwrap());
        // The holder gives it up when somebody waits, so that this ends.
        storage.lock("writer.lock", &mut || drop(held.take())).map(drop).unwrap();
        assert!(held.is_none());
    }

    #[cfg(unix)]
    #[test]
    fn the_umask_decides_who_may_read() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::local(folder.path());
        let mode = |path: &str| std::fs::metadata(folder.path().join(path)).unwrap().permissions().mode() & 0o777;
        std::fs::write(folder.path().join("plain"), "").unwrap();
        storage.put("put", b"").unwrap();
        let staged = storage.stage("").unwrap();
        storage.publish(staged, "published", true).unwrap();
        assert_eq!((mode("put"), mode("published")), (mode("plain"), mode("plain")));
    }
}
