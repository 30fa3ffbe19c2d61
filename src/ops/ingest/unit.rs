//! The files of a run, grouped into units that one reader reads.

use crate::export::inputs::{InputFile, STDIN};
use crate::lake::tables::SourceKey;
use std::iter::Peekable;
use std::path::Path;

/// Maximum size of a unit of several files.
///
/// Each unit needs a channel, a builder for every column and a batch. For each tiny file they would cost as much as its
/// events; see "Many small files" in `benches/RESULTS.md`.
const UNIT_BYTES: u64 = 256 << 10;

/// Maximum number of files of a unit.
const UNIT_FILES: usize = 64;

/// A file to be read. There may be a million of them, so its keys are computed when its turn comes.
pub struct ToRead {
    pub file: InputFile,
    /// Its id if an earlier run has read it unchanged.
    pub known_as: Option<String>,
}

/// A file that is being read.
pub struct Source {
    pub file: InputFile,
    pub key: SourceKey,
    pub source_id: String,
    /// Set if an earlier run has read it.
    pub again: bool,
}

impl Source {
    fn of(ToRead { file, known_as }: ToRead) -> Self {
        let (key, again) = (source_key(&file), known_as.is_some());
        Self { source_id: known_as.unwrap_or_else(|| key.source_id()), key, file, again }
    }
}

/// Files that one reader reads one after the other: a large one, or several small ones.
///
/// The files alone decide which of them are a unit. So the lake does not depend on the machine.
pub struct Unit(pub Vec<Source>);

impl Unit {
    /// Takes the next unit off the files to be read.
    pub fn next(to_read: &mut Peekable<impl Iterator<Item = ToRead>>) -> Option<Self> {
        let first = to_read.next()?;
        let mut bytes = first.file.size_bytes;
        // A pipe has no size, and no other file must wait for it.
        let is_pipe = bytes == 0;
        let mut sources = vec![Source::of(first)];
        let fits = |size: u64, bytes: u64| size > 0 && bytes.saturating_add(size) <= UNIT_BYTES;
        while !is_pipe
            && sources.len() < UNIT_FILES
            && let Some(next) = to_read.next_if(|next| fits(next.file.size_bytes, bytes))
        {
            bytes += next.file.size_bytes;
            sources.push(Source::of(next));
        }
        Some(Self(sources))
    }
}

/// The key of a file: path, size and time.
pub fn source_key(file: &InputFile) -> SourceKey {
    let path = if file.path.as_os_str() == STDIN { STDIN.to_owned() } else { absolute(&file.path) };
    SourceKey { path, size_bytes: file.size_bytes, modified_ns: file.modified_ns }
}

/// The absolute path of a file as text.
pub fn absolute(path: &Path) -> String {
    display_path(&std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()))
}

/// Writes a path as text. Bytes that are not UTF-8 become `\x..`, so that two paths stay two.
pub fn display_path(path: &Path) -> String {
    let bytes = path.as_os_str().as_encoded_bytes();
    bytes.utf8_chunks().fold(String::new(), |mut text, chunk| {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
        text
    })
}
