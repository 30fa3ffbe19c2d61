//! Walks through archives: every member is a source of its own, read where it lies and never unpacked to disk.
//!
//! The names of members are data, not paths: nothing is ever written under them. A zip says at its end what it holds,
//! so it is read from the file itself; where there is none (standard input, a zip inside a tar) it goes to a temporary
//! file first. A tar is read as it streams.

use super::decompress;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use zip::result::ZipError;

/// A kind of archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Archive {
    /// zip, with or without Zip64.
    Zip,
    /// tar in any of its forms.
    Tar,
}

impl Archive {
    /// Name in the column `shape`.
    pub fn name(self) -> &'static str {
        match self {
            Archive::Zip => "zip",
            Archive::Tar => "tar",
        }
    }
}

/// One member of an archive.
#[allow(missing_docs, reason = "each variant tells of its fields")]
pub enum Member<'a> {
    /// A file, by its name and with its content.
    File { name: &'a str, content: Box<dyn Read + 'a> },
    /// A file that cannot be read, and why.
    Unreadable { name: &'a str, reason: String },
    /// The archive cannot be read on from here.
    Damaged(String),
}

/// What is done with a member; an error ends the walk.
pub type Visit<'v, E> = dyn FnMut(Member<'_>) -> Result<(), E> + 'v;

/// Visits the members of an archive, in its order.
pub fn walk<E>(archive: Archive, source: Random<'_>, visit: &mut Visit<'_, E>) -> Result<(), E> {
    match archive {
        Archive::Tar => walk_tar(source.stream, visit),
        Archive::Zip => match source.file() {
            Ok(file) => walk_zip(io::BufReader::new(file), visit),
            Err(error) => visit(Member::Damaged(error.to_string())),
        },
    }
}

fn walk_tar<E>(stream: Box<dyn Read + '_>, visit: &mut Visit<'_, E>) -> Result<(), E> {
    let mut archive = tar::Archive::new(stream);
    let entries = match archive.entries() {
        Ok(entries) => entries,
        Err(error) => return visit(Member::Damaged(error.to_string())),
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => return visit(Member::Damaged(error.to_string())),
        };
        let kind = entry.header().entry_type();
        if kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse() {
            let name = shown(&entry.path_bytes());
            visit(Member::File { name: &name, content: Box::new(entry) })?;
        }
    }
    Ok(())
}

fn walk_zip<E>(file: impl Read + Seek, visit: &mut Visit<'_, E>) -> Result<(), E> {
    let mut archive = match zip::ZipArchive::new(file) {
        Ok(archive) => archive,
        Err(error) => return visit(Member::Damaged(error.to_string())),
    };
    for index in 0..archive.len() {
        let (name, encrypted, is_file) = match archive.by_index_raw(index) {
            Ok(member) => {
                let name = member.name().map_or_else(|_| shown(member.name_raw()), |name| name.into_owned());
                (name, member.encrypted(), !member.is_dir())
            }
            Err(error) => {
                visit(Member::Unreadable { name: &format!("member {index}"), reason: error.to_string() })?;
                continue;
            }
        };
        if !is_file {
            continue;
        }
        if encrypted {
            visit(Member::Unreadable { name: &name, reason: "it is encrypted".to_owned() })?;
            continue;
        }
        match archive.by_index(index) {
            Ok(member) => {
                let packed = member.compressed_size();
                visit(Member::File { name: &name, content: Box::new(decompress::capped(member, packed)) })?;
            }
            Err(error) => visit(Member::Unreadable { name: &name, reason: zip_reason(&error) })?,
        }
    }
    Ok(())
}

fn zip_reason(error: &ZipError) -> String {
    match error {
        ZipError::CompressionMethodNotSupported(method) => {
            format!("it is packed with method {method} of zip, which is not read")
        }
        other => other.to_string(),
    }
}

/// A name as text. Bytes that are not UTF-8 are shown as `\x..`, so that two names stay two.
fn shown(name: &[u8]) -> String {
    name.utf8_chunks().fold(String::new(), |mut text, chunk| {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
        text
    })
}

/// A source that can be read in any order: the file where there is one, else a temporary copy.
pub struct Random<'a> {
    /// The content from its beginning.
    pub stream: Box<dyn Read + 'a>,
    /// The file that holds exactly this content, if one does.
    pub path: Option<&'a Path>,
    /// Most bytes that a temporary copy may have.
    pub most_bytes: u64,
}

impl Random<'_> {
    /// The content as a file of its own, at its beginning.
    pub fn file(mut self) -> io::Result<File> {
        if let Some(path) = self.path {
            return File::open(path);
        }
        let mut file = tempfile::tempfile()?;
        let copied = io::copy(&mut self.stream.by_ref().take(self.most_bytes.saturating_add(1)), &mut file)?;
        if copied > self.most_bytes {
            let text =
                format!("it is longer than {} bytes, the most that is copied to a temporary file", self.most_bytes);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
        }
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    }
}
