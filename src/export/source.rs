//! Leads one source through all steps, from its bytes to the sink.

use super::archive::{self, Archive, Member, NoFile, Random};
use super::columnar::{self, Table};
use super::content::{self, Content};
use super::csv::{self, Row, Rows, dialect::Dialect};
use super::decompress::{self, Compression, Peekable};
use super::envelope::Peeler;
use super::framing::{Broken, Frame, Framer, Framing};
use super::utf16::{Endian, Utf16Reader};
use super::{EventSink, Outcome, PassedOver, ReadOptions, Shape, Stop};
use std::io::{self, Read};
use std::path::Path;

/// One source to be read.
pub struct Input<'a> {
    /// Its bytes.
    pub stream: Box<dyn Read + 'a>,
    /// The file that they come from; without it, what must be read in any order goes to a temporary file first.
    pub path: Option<&'a Path>,
}

/// How deep archives may lie in archives.
const MAX_ARCHIVES: usize = 2;

/// Members that are no exports and are named, at most.
const NAMED: usize = 1000;

/// Reads one export and hands every event and every reject to `sink`.
///
/// A source that is damaged half-way (a truncated gzip, say) gives what was readable and one reject that tells of the
/// damage. Errors are those of opening and reading the very first bytes, and of a temporary folder that takes no more;
/// after the latter, `sink` may have taken events already.
pub fn read(input: Input<'_>, options: &ReadOptions, sink: &mut dyn EventSink) -> io::Result<Outcome> {
    let mut reading = Reading {
        options,
        peeler: Peeler::new(sink, options),
        framing: None,
        is_utf16: false,
        mixed: false,
        passed_over: Vec::new(),
        failed: None,
    };
    let looked = Looked::into(input.stream, input.path, options)?;
    let (compression, archive) = (looked.compression, looked.archive());
    match reading.content(looked, 0) {
        Err(Stop) => reading.failed.map_or(Ok(Outcome::Stopped), Err),
        Ok(Some(what)) => Ok(Outcome::NotAnExport(what)),
        Ok(None) => {
            let (wrapper, mixed) = reading.peeler.found();
            let shape = Shape {
                compression,
                archive,
                framing: reading.framing,
                wrapper,
                is_utf16: reading.is_utf16,
                mixed: mixed || reading.mixed,
            };
            Ok(Outcome::Read(shape, reading.passed_over))
        }
    }
}

/// An unpacked stream, and what it holds.
struct Looked<'a> {
    compression: Compression,
    content: Content,
    stream: Peekable<'a>,
    /// The file that holds exactly this content, if one does.
    path: Option<&'a Path>,
}

impl<'a> Looked<'a> {
    fn into(stream: Box<dyn Read + 'a>, path: Option<&'a Path>, options: &ReadOptions) -> io::Result<Self> {
        let (compression, mut stream) =
            decompress::unpack(stream, &|head| content::is_plain(head, &options.csv), options.limits.block_bytes)?;
        let content = content::sniff(stream.peek()?, &options.csv);
        Ok(Self { compression, content, stream, path: path.filter(|_| compression == Compression::None) })
    }

    fn archive(&self) -> Option<Archive> {
        match self.content {
            Content::Zip => Some(Archive::Zip),
            Content::Tar => Some(Archive::Tar),
            _ => None,
        }
    }

    fn random(self, options: &ReadOptions) -> Random<'a> {
        Random { stream: Box::new(self.stream), path: self.path, most_bytes: options.limits.temporary_bytes }
    }
}

/// What was found so far in one source.
struct Reading<'o, 's> {
    options: &'o ReadOptions,
    peeler: Peeler<'s>,
    framing: Option<Framing>,
    is_utf16: bool,
    mixed: bool,
    passed_over: Vec<PassedOver>,
    /// Why reading was given up, where neither the source nor the sink is at fault.
    failed: Option<io::Error>,
}

/// What a stream is that holds no events; `None` for one that was read.
type NoExport = Option<String>;

impl Reading<'_, '_> {
    fn content(&mut self, looked: Looked<'_>, archives: usize) -> Result<NoExport, Stop> {
        match looked.content {
            Content::Json => self.json(looked.stream).map(|()| None),
            Content::Csv(ref dialect) => {
                let dialect = dialect.clone();
                self.csv(looked.stream, &dialect).map(|()| None)
            }
            Content::Utf16(endian) => self.utf16(looked.stream, endian),
            Content::Parquet => self.table(looked, Framing::Parquet),
            Content::Orc => self.table(looked, Framing::Orc),
            Content::Zip if archives < MAX_ARCHIVES => self.archive(Archive::Zip, looked, archives),
            Content::Tar if archives < MAX_ARCHIVES => self.archive(Archive::Tar, looked, archives),
            Content::Zip | Content::Tar => Ok(Some("an archive in an archive in an archive".to_owned())),
            Content::Other(what) => Ok(Some(what.to_owned())),
        }
    }

    fn found_framing(&mut self, framing: Framing) {
        match self.framing {
            None => self.framing = Some(framing),
            Some(first) => self.mixed |= first != framing,
        }
    }

    fn json(&mut self, stream: impl Read) -> Result<(), Stop> {
        let mut framer = Framer::new(stream, self.options.limits.record_bytes);
        loop {
            framer.take_objects(|text, members, offset| self.peeler.members(text, members, offset))?;
            let Some(frame) = framer.next_frame() else { break };
            match frame {
                Frame::Record { bytes, offset } => self.peeler.record(bytes, offset)?,
                Frame::Broken { bytes, offset, length, reason } => self.peeler.broken(bytes, offset, length, reason)?,
            }
        }
        if let Some(framing) = framer.framing() {
            self.found_framing(framing);
        }
        Ok(())
    }

    fn csv(&mut self, stream: impl Read, dialect: &Dialect) -> Result<(), Stop> {
        self.found_framing(Framing::Csv);
        let columns = &dialect.columns;
        let mut rows = Rows::new(stream, dialect, Some(columns.len()), self.options.limits.record_bytes);
        if dialect.has_header {
            rows.next_row();
        }
        while let Some(row) = rows.next_row() {
            match row {
                Row::Broken { bytes, offset, length, reason } => self.peeler.broken(bytes, offset, length, reason)?,
                Row::Cells { cells, bytes, offset } => {
                    match csv::record(columns, cells, self.options.csv.null.as_deref()) {
                        Ok(record) => self.peeler.row(&record, offset)?,
                        Err(reason) => self.peeler.reject_row(bytes, offset, &reason)?,
                    }
                }
            }
        }
        Ok(())
    }

    fn utf16(&mut self, stream: Peekable<'_>, endian: Endian) -> Result<NoExport, Stop> {
        let mut text = decompress::plain(Utf16Reader::new(stream, endian));
        let content = match text.peek() {
            Ok(head) => content::sniff(head, &self.options.csv),
            Err(error) => {
                self.peeler.broken(&[], 0, 0, Broken::Damaged(error.to_string()))?;
                return Ok(None);
            }
        };
        self.is_utf16 = true;
        match content {
            Content::Json => self.json(text).map(|()| None),
            Content::Csv(dialect) => self.csv(text, &dialect).map(|()| None),
            Content::Other(what) => Ok(Some(format!("UTF-16, {what}"))),
            _ => Ok(Some("UTF-16, text that is not JSON".to_owned())),
        }
    }

    fn table(&mut self, looked: Looked<'_>, framing: Framing) -> Result<NoExport, Stop> {
        let file = match looked.random(self.options).file() {
            Ok(file) => file,
            Err(NoFile::Failed(error)) => return Err(self.fail(error)),
            Err(NoFile::Damaged(error)) => {
                self.peeler.broken(&[], 0, 0, Broken::Damaged(error.to_string()))?;
                return Ok(None);
            }
        };
        match columnar::read(file, framing, &self.options.limits, &mut self.peeler)? {
            Table::Read => {
                self.found_framing(framing);
                Ok(None)
            }
            Table::Other(what) => Ok(Some(format!("{}, {what}", framing.name()))),
        }
    }

    fn archive(&mut self, archive: Archive, looked: Looked<'_>, archives: usize) -> Result<NoExport, Stop> {
        let random = looked.random(self.options);
        let (mut read, mut first_other) = (false, None);
        let outer = self.peeler.member().map(str::to_owned);
        let full_name = |name: &str| outer.as_ref().map_or_else(|| name.to_owned(), |outer| format!("{outer}/{name}"));
        archive::walk(archive, random, &mut |member| {
            let (name, content) = match member {
                Member::File { name, content } => (full_name(name), content),
                Member::Unreadable { name, reason } => {
                    read = true;
                    self.peeler.set_member(Some(full_name(name)));
                    return self.peeler.broken(&[], 0, 0, Broken::Member(reason));
                }
                Member::Failed(error) => return Err(self.fail(error)),
                Member::Damaged(reason) => {
                    read = true;
                    self.peeler.set_member(outer.clone());
                    return self.peeler.broken(&[], 0, 0, Broken::Damaged(reason));
                }
            };
            self.peeler.set_member(Some(name.clone()));
            let what = match Looked::into(content, None, self.options) {
                Ok(looked) => self.content(looked, archives + 1)?,
                Err(error) => {
                    self.peeler.broken(&[], 0, 0, Broken::Damaged(error.to_string()))?;
                    None
                }
            };
            match what {
                None => read = true,
                Some(what) => {
                    first_other.get_or_insert_with(|| format!("`{name}` is {what}"));
                    self.pass_over(name, what);
                }
            }
            Ok(())
        })?;
        self.peeler.set_member(outer);
        if read {
            return Ok(None);
        }
        let found = first_other.unwrap_or_else(|| "it is empty".to_owned());
        Ok(Some(format!("a {} archive without exports: {found}", archive.name())))
    }

    fn fail(&mut self, error: io::Error) -> Stop {
        self.failed = Some(error);
        Stop
    }

    fn pass_over(&mut self, member: String, what: String) {
        if self.passed_over.len() < NAMED {
            self.passed_over.push(PassedOver { member, what });
        }
    }
}
