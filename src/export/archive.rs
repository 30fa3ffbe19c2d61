//! Walks through archives: every member is a source of its own, read where it lies and never unpacked to disk.
//!
//! The names of members are data, not paths: nothing is ever written under them. A zip says at its end what it holds,
//! so it is read from the file itself; where there is none (standard input, a zip inside a tar) it goes to a temporary
//! file first. A tar is read as it streams. Of both no more than one member's header is held, however many there are,
//! and members of one name stay two.

use super::decompress;
use std::borrow::Cow;
use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::rc::Rc;
use zip::ZipReadOptions;
use zip::read::Config;
use zip::result::ZipError;
use zip::unstable::read::ZipIterable;

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
    /// The archive is not at fault: it cannot be read here and now.
    Failed(io::Error),
}

/// The receiver of members; its error ends the walk.
pub type Visit<'v, E> = dyn FnMut(Member<'_>) -> Result<(), E> + 'v;

/// Visits the members of an archive, in its order.
pub fn walk<E>(archive: Archive, source: Random<'_>, visit: &mut Visit<'_, E>) -> Result<(), E> {
    match archive {
        Archive::Tar => walk_tar(source.stream, visit),
        Archive::Zip => match source.file() {
            Ok(file) => walk_zip(io::BufReader::new(file), visit),
            Err(NoFile::Damaged(error)) => visit(Member::Damaged(error.to_string())),
            Err(NoFile::Failed(error)) => visit(Member::Failed(error)),
        },
    }
}

/// Most bytes that may stand between the contents of two members of a tar: headers and names, which are held whole.
const TAR_HEADER_BYTES: u64 = 4 << 20;

/// Lets only so many bytes through, and says so where there are more.
struct Allowance<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Allowance<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        if left == 0 {
            let text = format!("the name of a member has more than {TAR_HEADER_BYTES} bytes");
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buf.len());
        let n = self.inner.read(buf.get_mut(..most).unwrap_or_default())?;
        self.left.set(left - n as u64);
        Ok(n)
    }
}

fn walk_tar<E>(stream: Box<dyn Read + '_>, visit: &mut Visit<'_, E>) -> Result<(), E> {
    let left = Rc::new(Cell::new(TAR_HEADER_BYTES));
    let mut archive = tar::Archive::new(Allowance { inner: stream, left: Rc::clone(&left) });
    let mut entries = match archive.entries() {
        Ok(entries) => entries,
        Err(error) => return visit(Member::Damaged(error.to_string())),
    };
    loop {
        left.set(TAR_HEADER_BYTES);
        let Some(entry) = entries.next() else { break };
        let mut entry = match entry {
            Ok(entry) => entry,
            Err(error) => return visit(Member::Damaged(error.to_string())),
        };
        left.set(u64::MAX);
        let kind = entry.header().entry_type();
        if kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse() {
            let name = shown(&entry.path_bytes());
            visit(Member::File { name: &name, content: Box::new(&mut entry) })?;
        }
        // What nobody wanted of the content does not count as a header. An error of reading on comes again.
        let _ = io::copy(&mut entry, &mut io::sink());
    }
    Ok(())
}

fn walk_zip<E>(file: impl Read + Seek, visit: &mut Visit<'_, E>) -> Result<(), E> {
    // What a zip says of its members, it says of all of them in one place, and of a million at a small price. They are
    // taken from there one by one.
    let mut archive = match ZipIterable::try_new(file, Config::default()) {
        Ok(archive) => archive,
        Err(error) => return visit(Member::Damaged(error.to_string())),
    };
    let members = match archive.files() {
        Ok(members) => members,
        Err(error) => return visit(Member::Damaged(error.to_string())),
    };
    while let Some(member) = members.next() {
        let member = match member {
            Ok(member) => member,
            // Where one cannot be read, nobody knows where the next one stands.
            Err(error) => return visit(Member::Damaged(error.to_string())),
        };
        let name = member.name().map_or_else(|_| shown(member.name_raw()), Cow::into_owned);
        if member.is_dir() {
            continue;
        }
        if member.encrypted() {
            visit(Member::Unreadable { name: &name, reason: "it is encrypted".to_owned() })?;
            continue;
        }
        let packed = member.compressed_size();
        match member.with_reader(members.reader_mut(), ZipReadOptions::new()) {
            Ok(content) => visit(Member::File { name: &name, content: Box::new(decompress::capped(content, packed)) })?,
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

/// The reason for which a source cannot be had as a file.
pub enum NoFile {
    /// Its bytes cannot be read to their end, or are too many.
    Damaged(io::Error),
    /// This machine cannot do it now: the temporary folder is full, say.
    Failed(io::Error),
}

impl Random<'_> {
    /// The content as a file of its own, at its beginning.
    pub fn file(mut self) -> Result<File, NoFile> {
        if let Some(path) = self.path {
            return File::open(path).map_err(NoFile::Failed);
        }
        let full = |error: io::Error| {
            let text = format!("it cannot be copied to the temporary folder: {error}");
            NoFile::Failed(io::Error::new(error.kind(), text))
        };
        let mut file = tempfile::tempfile().map_err(full)?;
        let (mut chunk, mut copied) = (vec![0; COPIED_AT_ONCE], 0);
        loop {
            let n = match self.stream.read(&mut chunk) {
                Ok(0) => break,
                Ok(n) => n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(NoFile::Damaged(error)),
            };
            copied += n as u64;
            if copied > self.most_bytes {
                let text =
                    format!("it is longer than {} bytes, the most that is copied to a temporary file", self.most_bytes);
                return Err(NoFile::Damaged(io::Error::new(io::ErrorKind::FileTooLarge, text)));
            }
            file.write_all(chunk.get(..n).unwrap_or_default()).map_err(full)?;
        }
        file.seek(SeekFrom::Start(0)).map_err(full)?;
        Ok(file)
    }
}

/// Bytes that are copied to a temporary file at once.
const COPIED_AT_ONCE: usize = 256 << 10;
