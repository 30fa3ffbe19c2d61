//! Leads one source through all steps, from its bytes to the sink.

use super::archive::{self, Archive, Member, NoFile, Random};
use super::columnar::{self, TableOutcome};
use super::completeness::Incomplete;
use super::csv::dialect::{Dialect, is_excel_separator};
use super::csv::{self, Row, Rows};
use super::decompress::{self, Peekable};
use super::envelope::EnvelopeReader;
use super::framing::{Broken, Frame, Framer, Framing};
use super::pages::PageSeries;
use super::signs;
use super::sniff::{self, Content, SniffedStream};
use super::utf16::{Endian, Utf16Reader};
use super::{EventSink, Outcome, ReadOptions, Remarks, Shape, SkippedMember, Stop, Suspicious};
use std::borrow::Cow;
use std::io::{self, Read};
use std::path::Path;

/// One source to be read.
pub struct Input<'a> {
    /// Its bytes.
    pub stream: Box<dyn Read + 'a>,
    /// The file that they come from; without it, what must be read in any order goes to a temporary file first.
    pub path: Option<&'a Path>,
    /// Its name, which never tells how to read it, only what to think of it where it gives nothing.
    pub name: &'a str,
}

/// Deepest nesting of archives in archives.
const MAX_ARCHIVES: usize = 2;

/// Most members that are no exports and are named.
const NAMED: usize = 1000;

/// Most reasons for which a source is incomplete.
const REASONS: usize = 5;

/// A member that every workbook of Excel has.
const WORKBOOK: &str = "xl/workbook.xml";

/// Reads one export and hands every event and every reject to `sink`.
///
/// A source that is damaged half-way (a truncated gzip, say) gives what was readable and one reject that tells of the
/// damage. Errors are those of opening and reading the very first bytes, and of a temporary folder that takes no more;
/// after the latter, `sink` may have taken events already.
pub fn read(input: Input<'_>, options: &ReadOptions, sink: &mut dyn EventSink) -> io::Result<Outcome> {
    let mut reader = SourceReader {
        options,
        envelopes: EnvelopeReader::new(sink, options),
        framing: None,
        is_utf16: false,
        mixed: false,
        is_blank: false,
        reasons: Vec::new(),
        more_reasons: 0,
        pages: PageSeries::default(),
        remarks: Remarks::default(),
        failed: None,
    };
    let source = reader.open(input.stream, input.path)?;
    let (compression, archive) = (source.compression, source.archive());
    match reader.part(input.name, source, 0) {
        Err(Stop) => reader.failed.map_or(Ok(Outcome::Stopped), Err),
        Ok(Some(other)) => Ok(Outcome::NotAnExport(other.what, reader.remarks())),
        Ok(None) => {
            let (wrapper, mixed) = reader.envelopes.found();
            let shape = Shape {
                compression,
                archive,
                framing: reader.framing,
                wrapper,
                is_utf16: reader.is_utf16,
                mixed: mixed || reader.mixed,
            };
            Ok(Outcome::Read(shape, reader.remarks()))
        }
    }
}

/// Reads one source, part by part, and keeps what was found so far.
struct SourceReader<'o, 's> {
    options: &'o ReadOptions,
    envelopes: EnvelopeReader<'s>,
    framing: Option<Framing>,
    is_utf16: bool,
    mixed: bool,
    /// `true` where the last part held nothing but white space.
    is_blank: bool,
    /// Reasons for which events are missing, of the first parts that say so.
    reasons: Vec<String>,
    /// Further reasons.
    more_reasons: u64,
    /// Pages in the members of archives.
    pages: PageSeries<String>,
    remarks: Remarks,
    /// The error for which reading was given up, if neither the source nor the sink is at fault.
    failed: Option<io::Error>,
}

/// A stream that holds no events; `None` for one that was read.
type NoExport = Option<Other>;

/// Something that is no export.
struct Other {
    what: String,
    /// `true` where it may hold events all the same.
    may_hold: bool,
}

impl Other {
    /// Something that holds no events.
    fn plain(what: impl Into<String>) -> Self {
        Self { what: what.into(), may_hold: false }
    }

    fn of(content: &Content, head: &[u8]) -> NoExport {
        match content {
            Content::Unread(what) => Some(Self { what: (*what).to_owned(), may_hold: true }),
            Content::Other(what) => Some(match sniff::error_page(head) {
                Some(code) => Self { what: format!("an error answer, `{code}`, in place of a file"), may_hold: true },
                None if signs::tells_of_events(head) => {
                    Self { what: format!("{what}, with the names of an event's fields in it"), may_hold: true }
                }
                None => Self::plain(*what),
            }),
            _ => None,
        }
    }
}

impl SourceReader<'_, '_> {
    fn open<'a>(&self, stream: impl Read + 'a, path: Option<&'a Path>) -> io::Result<SniffedStream<'a>> {
        sniff::open(stream, path, &self.options.csv, self.options.limits.block_bytes)
    }

    /// Reads a source, or a member of an archive, and judges what it gave.
    fn part(&mut self, name: &str, source: SniffedStream<'_>, archives: usize) -> Result<NoExport, Stop> {
        let is_archive = source.archive().is_some();
        let (records, suspicious) = (self.envelopes.records(), self.remarks.suspicious.len());
        if !is_archive && signs::is_accessory(name) {
            self.envelopes.hold_rejects();
        }
        self.is_blank = false;
        let mut other = self.content(source, archives)?;
        if self.envelopes.drop_held() {
            other = Some(Other::plain("a file that lies beside exports, by its name"));
        }
        let incomplete = self.envelopes.take_incomplete();
        self.lacks(name, incomplete);
        if self.envelopes.records() == records && self.remarks.suspicious.len() == suspicious {
            self.suspect(name, other.as_ref());
        }
        Ok(other)
    }

    /// Keeps what a part says that it leaves out.
    fn lacks(&mut self, name: &str, incomplete: Incomplete) {
        let Some(member) = self.envelopes.member().map(str::to_owned) else {
            incomplete.reason.into_iter().for_each(|reason| self.add_reason(reason));
            self.remarks.incomplete.open = incomplete.open;
            self.remarks.incomplete.has_pages = incomplete.has_pages;
            return;
        };
        if let Some(reason) = incomplete.reason {
            let reason = format!("in the member `{member}`: {reason}");
            self.add_reason(reason);
        }
        if incomplete.has_pages {
            let open = incomplete.open.map(|open| format!("in the member `{member}`: {open}"));
            self.pages.take(name, open);
        }
    }

    fn add_reason(&mut self, reason: String) {
        if self.reasons.len() < REASONS {
            self.reasons.push(reason);
        } else {
            self.more_reasons += 1;
        }
    }

    /// Keeps a part without records that may hold events.
    fn suspect(&mut self, name: &str, other: Option<&Other>) {
        let found = match other {
            Some(other) => other.what.as_str(),
            None if self.is_blank => "it is empty",
            None => "there is no event in it",
        };
        let why = match signs::named_as(name) {
            Some(sign) => format!("{sign}; {found}"),
            None if signs::is_accessory(name) => return,
            None if other.is_some_and(|other| other.may_hold) => found.to_owned(),
            None if self.is_blank && signs::is_data_file(name) => found.to_owned(),
            None => return,
        };
        if self.remarks.suspicious.len() < NAMED {
            let member = self.envelopes.member().map(str::to_owned);
            self.remarks.suspicious.push(Suspicious { member, why });
        }
    }

    /// Ends the source, and returns the remarks on it.
    fn remarks(mut self) -> Remarks {
        let mut open = std::mem::take(&mut self.pages).judge(std::iter::empty()).open;
        open.sort();
        open.into_iter().for_each(|reason| self.add_reason(reason));
        if self.more_reasons > 0 {
            self.reasons.push(format!("{} more reasons", self.more_reasons));
        }
        self.remarks.incomplete.reason = (!self.reasons.is_empty()).then(|| self.reasons.join("; "));
        self.remarks
    }

    fn content(&mut self, mut source: SniffedStream<'_>, archives: usize) -> Result<NoExport, Stop> {
        match source.content {
            Content::Json => self.json(source.stream).map(|()| None),
            Content::Csv(ref dialect) => {
                let dialect = dialect.clone();
                self.csv(source.stream, &dialect).map(|()| None)
            }
            Content::Utf16(endian) => self.utf16(source.stream, endian),
            Content::Parquet => self.table(source, Framing::Parquet),
            Content::Orc => self.table(source, Framing::Orc),
            Content::Zip if archives < MAX_ARCHIVES => self.archive(Archive::Zip, source, archives),
            Content::Tar if archives < MAX_ARCHIVES => self.archive(Archive::Tar, source, archives),
            Content::Zip | Content::Tar => {
                Ok(Some(Other { what: "an archive in an archive in an archive".to_owned(), may_hold: true }))
            }
            Content::Other(_) | Content::Unread(_) => {
                Ok(Other::of(&source.content, source.stream.peek().unwrap_or_default()))
            }
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
        let (records, events) = (self.envelopes.records(), self.envelopes.events());
        loop {
            framer.take_objects(|text, members, offset| self.envelopes.members(text, members, offset))?;
            let Some(frame) = framer.next_frame() else { break };
            match frame {
                Frame::Record { bytes, offset } => self.envelopes.record(bytes, offset)?,
                Frame::Broken { bytes, offset, length, reason } => {
                    self.envelopes.broken(bytes, offset, length, reason)?
                }
                Frame::Around { bytes } => self.envelopes.around(bytes),
            }
        }
        // A line that holds a record in a notation of its own has no framing.
        let framing = framer.framing().or((self.envelopes.events() > events).then_some(Framing::Documents));
        self.is_blank = framing.is_none() && self.envelopes.records() == records;
        if let Some(framing) = framing {
            self.found_framing(framing);
        }
        Ok(())
    }

    fn csv(&mut self, stream: impl Read, dialect: &Dialect) -> Result<(), Stop> {
        self.found_framing(Framing::Csv);
        let mut columns = dialect.columns.clone();
        let mut rows = Rows::new(stream, dialect, Some(columns.len()), self.options.limits.record_bytes);
        for _ in 0..dialect.lines_before {
            let Some((line, offset)) = rows.skip_line() else { break };
            // A title or a remark has no cells; what has as many as the header is a row that lost its own header.
            if columns.len() > 1 && dialect.cells_of(&line).len() == columns.len() {
                self.envelopes.reject_row(&line, offset, "it stands before the header of its table")?;
            }
        }
        if dialect.has_header {
            rows.next_row();
        }
        while let Some(row) = rows.next_row() {
            // Tables that were put together keep their headers, which may differ.
            let header = match &row {
                Row::Cells { cells, .. } => dialect.header(cells.texts(), &columns),
                Row::Broken { bytes, reason: Broken::Cells { .. }, .. } => {
                    if is_excel_separator(bytes) {
                        continue;
                    }
                    let cells = dialect.cells_of(bytes);
                    dialect.header(cells.iter().map(|cell| Cow::Borrowed(cell.as_str())), &columns)
                }
                Row::Broken { .. } => None,
            };
            // What the user says of the columns stands.
            if let Some(header) = header.filter(|header| self.options.csv.columns.is_none() || *header == columns) {
                columns = header;
                rows.set_columns(columns.len());
                continue;
            }
            match row {
                Row::Broken { bytes, offset, length, reason } => {
                    self.envelopes.broken(bytes, offset, length, reason)?
                }
                Row::Cells { cells, bytes, offset } => {
                    match csv::record(&columns, cells, self.options.csv.null.as_deref()) {
                        Ok(record) => self.envelopes.row(&record, offset)?,
                        Err(reason) => self.envelopes.reject_row(bytes, offset, &reason)?,
                    }
                }
            }
        }
        Ok(())
    }

    fn utf16(&mut self, stream: Peekable<'_>, endian: Endian) -> Result<NoExport, Stop> {
        let mut text = decompress::plain(Utf16Reader::new(stream, endian));
        let (content, tells_of_events) = match text.peek() {
            Ok(head) => (sniff::content(head, &self.options.csv), signs::tells_of_events(head)),
            Err(error) => {
                self.envelopes.broken(&[], 0, 0, Broken::Damaged(error.to_string()))?;
                return Ok(None);
            }
        };
        self.is_utf16 = true;
        match content {
            Content::Json => self.json(text).map(|()| None),
            Content::Csv(dialect) => self.csv(text, &dialect).map(|()| None),
            Content::Other(what) => Ok(Some(Other { what: format!("UTF-16, {what}"), may_hold: tells_of_events })),
            _ => Ok(Some(Other { what: "UTF-16, text that is not JSON".to_owned(), may_hold: tells_of_events })),
        }
    }

    fn table(&mut self, source: SniffedStream<'_>, framing: Framing) -> Result<NoExport, Stop> {
        let file = match self.random(source).file() {
            Ok(file) => file,
            Err(NoFile::Failed(error)) => return Err(self.fail(error)),
            Err(NoFile::Damaged(error)) => {
                self.envelopes.broken(&[], 0, 0, Broken::Damaged(error.to_string()))?;
                return Ok(None);
            }
        };
        match columnar::read(file, framing, &self.options.limits, &mut self.envelopes)? {
            TableOutcome::Read => {
                self.found_framing(framing);
                Ok(None)
            }
            TableOutcome::Other(what) => Ok(Some(Other::plain(format!("{}, {what}", framing.name())))),
        }
    }

    fn archive(&mut self, archive: Archive, source: SniffedStream<'_>, archives: usize) -> Result<NoExport, Stop> {
        let random = self.random(source);
        let (mut read, mut is_empty, mut first_other) = (false, true, None);
        let outer = self.envelopes.member().map(str::to_owned);
        let full_name = |name: &str| outer.as_ref().map_or_else(|| name.to_owned(), |outer| format!("{outer}/{name}"));
        archive::walk(archive, random, &mut |member| {
            is_empty = false;
            let (name, content) = match member {
                Member::File { name, content } => (full_name(name), content),
                Member::Unreadable { name, reason } => {
                    read = true;
                    self.envelopes.set_member(Some(full_name(name)));
                    return self.envelopes.broken(&[], 0, 0, Broken::Member(reason));
                }
                Member::Failed(error) => return Err(self.fail(error)),
                Member::Damaged(reason) => {
                    read = true;
                    self.envelopes.set_member(outer.clone());
                    return self.envelopes.broken(&[], 0, 0, Broken::Damaged(reason));
                }
            };
            self.envelopes.set_member(Some(name.clone()));
            let what = match self.open(content, None) {
                Ok(member) => self.part(&name, member, archives + 1)?,
                Err(error) => {
                    self.envelopes.broken(&[], 0, 0, Broken::Damaged(error.to_string()))?;
                    None
                }
            };
            match what {
                None => read = true,
                Some(Other { what, .. }) => {
                    if name == WORKBOOK {
                        first_other = Some("it is an Excel workbook, which can be saved as CSV".to_owned());
                    }
                    first_other.get_or_insert_with(|| format!("`{name}` is {what}"));
                    self.skip(name, what);
                }
            }
            Ok(())
        })?;
        self.envelopes.set_member(outer);
        self.is_blank = is_empty;
        if read {
            return Ok(None);
        }
        let found = first_other.unwrap_or_else(|| "it is empty".to_owned());
        Ok(Some(Other::plain(format!("a {} archive without exports: {found}", archive.name()))))
    }

    fn random<'a>(&self, source: SniffedStream<'a>) -> Random<'a> {
        let most_bytes = self.options.limits.temporary_bytes;
        Random { stream: Box::new(source.stream), path: source.path, most_bytes }
    }

    fn fail(&mut self, error: io::Error) -> Stop {
        self.failed = Some(error);
        Stop
    }

    fn skip(&mut self, member: String, what: String) {
        if self.remarks.skipped.len() < NAMED {
            self.remarks.skipped.push(SkippedMember { member, what });
        }
    }
}
