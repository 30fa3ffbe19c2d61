//! Decides the compression and the content of a source by its first bytes, never by its name.
//!
//! Both decisions are one, since raw snappy has no magic number: bytes are a snappy block only where they are plainly
//! nothing else, and where the block unpacks to something that can be read. So [`open`] asks [`sniff`] for each layer,
//! and unpacks until a content is found. The order of the rules:
//!
//! 1. magic numbers of compressions, then of contents;
//! 2. text that begins like JSON or like a table of events;
//! 3. a raw snappy block;
//! 4. everything else, with the name of what it looks like.
//!
//! A source that failed before its first byte is an error. Damage behind the first bytes is told when it is reached.

use super::archive::Archive;
use super::csv::CsvOptions;
use super::csv::dialect::{self, Dialect};
use super::decompress::{self, Compression, Peekable};
use super::utf16::Endian;
use std::io::{self, Read};
use std::path::Path;

/// The format of unpacked bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// JSON, or nothing at all.
    Json,
    /// Text with two bytes a character.
    Utf16(Endian),
    /// A table of events in text.
    Csv(Dialect),
    /// A Parquet file.
    Parquet,
    /// An ORC file.
    Orc,
    /// A zip archive.
    Zip,
    /// A tar archive.
    Tar,
    /// Something else, by its name.
    Other(&'static str),
    /// Something that may hold events and is not read, by its name.
    Unread(&'static str),
}

/// The outcome of looking at the first bytes of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sniffed {
    /// It is packed.
    Packed(Compression),
    /// It is not packed, and holds this.
    Plain(Content),
}

/// An unpacked stream with its content.
pub struct SniffedStream<'a> {
    /// The outermost compression of the source.
    pub compression: Compression,
    /// The content of the unpacked bytes.
    pub content: Content,
    /// The unpacked bytes, from the first one on.
    pub stream: Peekable<'a>,
    /// The file that holds exactly these bytes, if one does.
    pub path: Option<&'a Path>,
}

impl SniffedStream<'_> {
    /// The kind of archive that the content is.
    pub fn archive(&self) -> Option<Archive> {
        match self.content {
            Content::Zip => Some(Archive::Zip),
            Content::Tar => Some(Archive::Tar),
            _ => None,
        }
    }
}

/// Number of times that packed data may be packed again: a gzip that was uploaded with gzip encoding, say.
const MAX_LAYERS: usize = 3;

/// Number of bytes that are looked at to tell text from other data.
const TEXTUAL_BYTES: usize = 4 << 10;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Undoes the compression of `input`, which comes from the file at `path`, and finds its content. No decoder holds much
/// more than `block_bytes`.
pub fn open<'a>(
    input: impl Read + 'a,
    path: Option<&'a Path>,
    csv: &CsvOptions,
    block_bytes: usize,
) -> io::Result<SniffedStream<'a>> {
    let mut stream = decompress::plain(input);
    let mut compression = Compression::None;
    for _ in 0..MAX_LAYERS {
        match sniff(stream.peek()?, csv) {
            Sniffed::Plain(content) => {
                let path = path.filter(|_| compression == Compression::None);
                return Ok(SniffedStream { compression, content, stream, path });
            }
            Sniffed::Packed(packed) => {
                if compression == Compression::None {
                    compression = packed;
                }
                stream = decompress::unpack(packed, stream, block_bytes)?;
            }
        }
    }
    let content = content(stream.peek()?, csv);
    Ok(SniffedStream { compression, content, stream, path: None })
}

/// Decides what begins with `head`.
pub fn sniff(head: &[u8], csv: &CsvOptions) -> Sniffed {
    if let Some(compression) = Compression::of_mark(head) {
        return Sniffed::Packed(compression);
    }
    let content = content(head, csv);
    if is_plain(head, &content) {
        return Sniffed::Plain(content);
    }
    match decompress::snappy_head(head) {
        Some(unpacked) if !is_blank(&unpacked) && is_plain(&unpacked, &self::content(&unpacked, csv)) => {
            Sniffed::Packed(Compression::Snappy)
        }
        _ => Sniffed::Plain(content),
    }
}

/// Finds the content of what begins with `head` and is not packed.
pub fn content(head: &[u8], csv: &CsvOptions) -> Content {
    by_mark(head).unwrap_or_else(|| by_text(head, csv))
}

/// Returns `true` if `content`, which begins with `head`, is so plain that no compression without a mark is to be
/// tried.
pub fn is_plain(head: &[u8], content: &Content) -> bool {
    match content {
        // A bracket alone is little, and a snappy block may begin with its byte.
        Content::Json => {
            let text = text_of(head);
            !text.starts_with(b"{") && !text.starts_with(b"[") || begins_json(text)
        }
        Content::Other(_) => false,
        _ => true,
    }
}

fn is_blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0)
}

/// Returns the text of `head` without what may stand before it: a mark, white space, and NUL bytes. A file begins with
/// NUL bytes where it was given its size before its content, or lost its beginning.
fn text_of(head: &[u8]) -> &[u8] {
    let text = head.strip_prefix(BOM).unwrap_or(head);
    let before = text.iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == 0).count();
    let text = text.get(before..).unwrap_or_default();
    text.strip_prefix(BOM).unwrap_or(text)
}

/// Returns `true` if `text` is an object or an array whose first member or element begins as one does.
fn begins_json(text: &[u8]) -> bool {
    match text {
        [b'{', rest @ ..] => matches!(rest.trim_ascii_start().first(), None | Some(b'"' | b'\'' | b'}' | 0)),
        [b'[', rest @ ..] => matches!(rest.trim_ascii_start().first(), None | Some(b'{' | b'[' | b'"' | b']' | 0)),
        _ => false,
    }
}

fn by_mark(head: &[u8]) -> Option<Content> {
    Some(match head {
        [b'P', b'A', b'R', b'1', ..] => Content::Parquet,
        [b'P', b'A', b'R', b'E', ..] => Content::Unread("an encrypted Parquet file"),
        [b'O', b'R', b'C', ..] => Content::Orc,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..] => Content::Zip,
        _ if is_tar(head) => Content::Tar,
        _ if UNREAD.iter().any(|(mark, _)| head.starts_with(mark)) => {
            Content::Unread(UNREAD.iter().find(|(mark, _)| head.starts_with(mark))?.1)
        }
        _ => Content::Utf16(Endian::of_mark(head).or_else(|| Endian::of_text(head))?),
    })
}

/// First bytes of formats that may hold events and are not read, with their names.
const UNREAD: [(&[u8], &str); 9] = [
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive, which is not read"),
    (b"Rar!\x1a\x07", "a RAR archive, which is not read"),
    (b"LZIP\x01", "a file packed with lzip, which is not read"),
    (b"\x1f\x9d", "a file packed with compress (.Z), which is not read"),
    (b"\x89LZO\0", "a file packed with lzop, which is not read"),
    (b"Obj\x01", "an Avro file, which is not read"),
    (b"SQLite format 3\0", "an SQLite database, which is not read"),
    (b"Salted__", "an encrypted file (OpenSSL)"),
    (b"-----BEGIN PGP MESSAGE-----", "an encrypted file (PGP)"),
];

/// Returns `true` if `head` is a header of tar: 512 bytes that hold their own checksum.
fn is_tar(head: &[u8]) -> bool {
    let Some(header) = head.get(..512) else { return false };
    let field = header[148..156].split(|b| matches!(b, 0 | b' ')).find(|part| !part.is_empty()).unwrap_or_default();
    let stated = std::str::from_utf8(field).ok().and_then(|octal| u64::from_str_radix(octal, 8).ok());
    // The checksum is taken with blanks in its own place.
    let sum = header.iter().enumerate().map(|(at, b)| u64::from(if (148..156).contains(&at) { b' ' } else { *b }));
    header[0] != 0 && stated == Some(sum.sum())
}

fn by_text(head: &[u8], csv: &CsvOptions) -> Content {
    let text = text_of(head);
    let before = head.len() - text.len();
    match text {
        [b'{' | b'[', ..] if head.get(..before).is_some_and(|before| before.contains(&0)) && !begins_json(text) => {
            return Content::Other("binary data");
        }
        [] | [b'{' | b'[', ..] | [b'"', b'{', b'\\' | b'}', ..] => return Content::Json,
        [b'b', b'\'' | b'"', b'{' | b'[', ..] => return Content::Json,
        _ => {}
    }
    if let Some(hole) = memchr::memchr(0, text) {
        // Text with holes, where the rest of it is text and some of it a record.
        let (first, _) = text.split_at(hole);
        return match dialect::sniff(first, csv).filter(|_| is_textual(text)) {
            Some(dialect) => Content::Csv(dialect),
            None if has_json_line(text) && is_textual(text) => Content::Json,
            None => Content::Other("binary data"),
        };
    }
    let head = if head.first() == Some(&0) { text } else { head };
    if let Some(dialect) = dialect::sniff(head, csv) {
        return Content::Csv(dialect);
    }
    if has_json_line(text) {
        return Content::Json;
    }
    if !is_textual(text) {
        return Content::Other("binary data");
    }
    Content::Other(match text {
        // A few formats that are met beside exports, so that their name helps more than "text".
        [b'<', ..] => "XML or HTML",
        _ if csv.columns.is_some() => "text that is not a table of the columns given",
        _ if dialect::is_table(head, csv) => "CSV without ActionTrail columns",
        _ => "text that is not JSON",
    })
}

/// Returns the code of an error that a server answered with and a download saved in place of the file: `AccessDenied`
/// in `<Error><Code>AccessDenied</Code>…`.
pub fn error_page(head: &[u8]) -> Option<&str> {
    let text = head.strip_prefix(BOM).unwrap_or(head).trim_ascii_start();
    if !text.starts_with(b"<") || memchr::memmem::find(text, b"<Error").is_none() {
        return None;
    }
    let begin = memchr::memmem::find(text, b"<Code>")? + b"<Code>".len();
    let behind = text.get(begin..)?;
    let code = behind.get(..memchr::memchr(b'<', behind)?)?;
    std::str::from_utf8(code).ok().filter(|code| code.len() <= 80 && !code.is_empty())
}

/// Returns `true` if some line begins like a record, so that only what stands before it is not JSON.
fn has_json_line(text: &[u8]) -> bool {
    let begins = [&b"{\""[..], b"[{\"", b"b'{\"", b"{'"];
    text.split(|byte| matches!(byte, b'\n' | 0)).any(|line| begins.iter().any(|begin| line.starts_with(begin)))
}

/// Returns `true` if the first bytes are text, but for NUL bytes.
fn is_textual(text: &[u8]) -> bool {
    let is_control = |byte: &u8| matches!(byte, 1..=8 | 14..=26 | 28..=31 | 127);
    !text.iter().take(TEXTUAL_BYTES).any(is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tar() -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_ustar();
        header.set_size(2);
        builder.append_data(&mut header, "a.json", &b"[]"[..]).unwrap();
        builder.into_inner().unwrap()
    }

    #[test]
    fn contents_are_known_by_their_beginning() {
        for (head, expected) in [
            (&b"PAR1...."[..], "Parquet"),
            (b"ORC\x0a", "Orc"),
            (b"PK\x03\x04", "Zip"),
            (b"PK\x05\x06", "Zip"),
            (&tar(), "Tar"),
            (b"# Notes\n", "Other(\"text that is not JSON\")"),
            (b"id,name\n1,x\n", "Other(\"CSV without ActionTrail columns\")"),
            (b"<html>", "Other(\"XML or HTML\")"),
            (b"\x7fELF\0\0", "Other(\"binary data\")"),
            (b"\xff\xfe[\0", "Utf16(Little)"),
            (b" \n [", "Json"),
            (b"\xef\xbb\xbf{", "Json"),
            (b"\"{\\\"eventId\\\":1}\"\n", "Json"),
            (b"", "Json"),
            (b"cut off\"}\n{\"eventId\":1}\n", "Json"),
            (b"b'{\"eventId\":1}'\n", "Json"),
            // NUL bytes before and between text, and in what is none.
            (b"\0\0\0{\"eventId\":1}\n", "Json"),
            (b"\0\0\0", "Json"),
            (b"\0\0\0{\x01\x02", "Other(\"binary data\")"),
            (b"cut off\"}\n\0\0{\"eventId\":1}\n", "Json"),
            (b"\0\0\0\x18ftypmp42\0\0{\"a\"", "Other(\"binary data\")"),
            (b"words\0\0and more", "Other(\"binary data\")"),
            (b"{\0\"\0e\0\"\0", "Utf16(Little)"),
            (b"\0[\0{\0\"\0e", "Utf16(Big)"),
            (b"7z\xbc\xaf\x27\x1c\0\x04", "Unread(\"a 7z archive, which is not read\")"),
        ] {
            assert_eq!(format!("{:?}", content(head, &CsvOptions::default())), expected, "{head:?}");
        }
        assert!(matches!(content(b"event\n", &CsvOptions::default()), Content::Csv(_)));
    }

    #[test]
    fn error_pages_name_their_code() {
        let page = b"<?xml version=\"1.0\"?>\n<Error>\n  <Code>AccessDenied</Code>\n  <Message>m</Message>\n</Error>";
        for (head, code) in [
            (&page[..], Some("AccessDenied")),
            (b"<html><body>Error</body></html>", None),
            (b"<Error><Code>x", None),
            (b"{\"x\":\"<Error><Code>y</Code>\"}", None),
        ] {
            assert_eq!(error_page(head), code);
        }
    }
}
