//! The storage of a lake: the few operations that a lake needs, and what they guarantee.
//!
//! Paths are relative to the lake and have forward slashes, as entries of the manifest name them.
//!
//! # Guarantees
//!
//! 1. **All or nothing.** A reader sees a file entirely or not at all, also after a crash of the writer. A file that is
//!    being written has a name that no reader takes ([`is_temporary_name`]).
//! 2. **Exclusive.** Of several [`put_exclusive`] of one path, one succeeds; the others fail with `AlreadyExists`.
//! 3. **Durable.** A file survives a loss of power once [`put`] or [`put_exclusive`] has returned. A published file
//!    does so once its folder has been synced ([`sync_folder`]), so that a commit of many files syncs each folder
//!    once.
//! 4. **Stable.** A [`RangeReader`] and an open local file go on reading the bytes they were opened on, also after the
//!    file has been deleted.
//! 5. **One writer.** A [`lock`] is held by one process at a time and freed when its holder dies. Storage that has no
//!    locks grants it to all; exclusive creation of entries still keeps their commits apart.
//! 6. **Umask.** A new file can be read by whoever the umask allows, so that who may read a part may read the lake.
//!
//! # Real files
//!
//! Parquet readers and writers of this floor need a real file. So [`open_local`] returns one, and rows are written to a
//! [`StagedFile`], which is always local. Both are honest about it: storage elsewhere has to copy.
//!
//! # Object stores
//!
//! The local folder is the only form so far. The interface leaves room for an object store:
//!
//! - [`publish`] may upload the staged file; its name is known only then, since it is the SHA-256 of the content.
//! - Some object stores refuse conditional puts (OSS answers 501). There [`put_exclusive`] stands on the lock, so
//!   [`lock`] returns a guard of any kind, for example a lease that renews itself until it is dropped.
//! - [`sync_folder`] has nothing to do.
//! - A [`RangeReader`] of a deleted object needs versions, or a delay between superseding and deleting.
//!
//! [`get`]: StorageBackend::get
//! [`lock`]: StorageBackend::lock
//! [`open_local`]: StorageBackend::open_local
//! [`publish`]: StorageBackend::publish
//! [`put`]: StorageBackend::put
//! [`put_exclusive`]: StorageBackend::put_exclusive
//! [`sync_folder`]: StorageBackend::sync_folder

mod local;

use super::digest;
use super::error::LakeError;
use local::LocalFolder;
use std::fmt;
use std::fs::File;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use tempfile::NamedTempFile;

/// A handle to the storage of a lake, cheap to clone.
#[derive(Debug, Clone)]
pub struct Storage(Arc<dyn StorageBackend>);

impl Storage {
    /// The storage of a lake in a local folder, which need not exist.
    pub fn local(root: &Path) -> Self {
        Self(Arc::new(LocalFolder::new(root)))
    }

    /// Reads a file to its end, and returns its SHA-256 and its length.
    pub fn hash(&self, path: &str) -> Result<(String, u64), LakeError> {
        let mut file = self.open_local(path)?;
        digest::hash_reader(&mut file).map_err(LakeError::io("read", &self.location(path)))
    }
}

impl Deref for Storage {
    type Target = dyn StorageBackend;

    fn deref(&self) -> &Self::Target {
        self.0.as_ref()
    }
}

/// The operations of a form of storage. The module states what they guarantee.
pub trait StorageBackend: fmt::Debug + Send + Sync {
    /// The place of a file or folder, for messages and for readers of local files; of `""`, that of the lake.
    fn location(&self, path: &str) -> PathBuf;

    /// Reads a file.
    fn get(&self, path: &str) -> Result<Vec<u8>, LakeError>;

    /// Opens a file of which parts are to be read.
    fn open_ranges(&self, path: &str) -> Result<Box<dyn RangeReader>, LakeError>;

    /// Opens a file as a local one, for readers that need it.
    fn open_local(&self, path: &str) -> Result<File, LakeError>;

    /// Writes a file and replaces the one before.
    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), LakeError>;

    /// Writes a file that must not exist yet.
    fn put_exclusive(&self, path: &str, bytes: &[u8]) -> Result<(), LakeError>;

    /// Begins a local file that is to be published in `folder`, which is made if it is missing.
    fn stage(&self, folder: &str) -> Result<StagedFile, LakeError>;

    /// Gives a staged file its name, and replaces the file before. It survives a loss of power if it is `durable` and
    /// [`Self::sync_folder`] follows.
    fn publish(&self, staged: StagedFile, path: &str, durable: bool) -> Result<(), LakeError>;

    /// Makes the files durable that were published in a folder before.
    fn sync_folder(&self, folder: &str) -> Result<(), LakeError>;

    /// Makes a folder with all above it.
    fn create_folder(&self, folder: &str) -> Result<(), LakeError>;

    /// Lists a folder in no particular order, temporary files included.
    fn list(&self, folder: &str) -> Result<Vec<Listed>, LakeError>;

    /// Looks up the size and age of a file.
    fn stat(&self, path: &str) -> Result<Stat, LakeError>;

    /// Deletes a file.
    fn delete(&self, path: &str) -> Result<(), LakeError>;

    /// Takes the lock that is named by a path, and holds it until the guard is dropped. `waiting` is called once if
    /// another process holds it.
    fn lock(&self, path: &str, waiting: &mut dyn FnMut()) -> Result<Box<dyn LockGuard>, LakeError>;
}

/// A file of which parts are read.
pub trait RangeReader: fmt::Debug + Send + Sync {
    /// Reads `length` bytes from `offset` on, or fewer at the end of the file. A length beyond the end costs no memory.
    fn get_range(&self, offset: u64, length: u64) -> Result<Vec<u8>, LakeError>;
}

/// A lock that is held until it is dropped.
pub trait LockGuard: fmt::Debug + Send {}

/// An item of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name, without the folder. Bytes that are not UTF-8 are replaced.
    pub name: String,
    /// Set for a folder.
    pub is_folder: bool,
}

/// The size and age of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// Its size.
    pub bytes: u64,
    /// Instant at which it was written.
    pub modified_at: SystemTime,
}

/// A local file that is being written. It is deleted when it is dropped without being published.
#[derive(Debug)]
pub struct StagedFile(NamedTempFile);

impl StagedFile {
    /// The file.
    pub fn file(&self) -> &File {
        self.0.as_file()
    }

    /// Its path on the local disk.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// Beginning and end of the name of a file that is being written.
const TEMPORARY: (&str, &str) = (".", ".tmp");

/// Returns `true` for the name of a file that is being written; no reader takes such a name.
pub fn is_temporary_name(name: &str) -> bool {
    name.starts_with(TEMPORARY.0) && name.ends_with(TEMPORARY.1)
}
