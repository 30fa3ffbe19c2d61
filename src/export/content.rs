//! Says what unpacked bytes are, by looking at their beginning and never at a name.

use super::csv::CsvOptions;
use super::csv::dialect::{self, Dialect};
use super::utf16::Endian;

/// What a source holds once it is unpacked.
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
}

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Names what begins with `head`.
pub fn sniff(head: &[u8], csv: &CsvOptions) -> Content {
    by_mark(head).unwrap_or_else(|| by_text(head, csv))
}

/// True where `head` is plainly something that can be read, so that it need not be packed in a way without a mark.
pub fn is_plain(head: &[u8], csv: &CsvOptions) -> bool {
    if by_mark(head).is_some_and(|content| !matches!(content, Content::Other(_))) {
        return true;
    }
    let text = head.strip_prefix(BOM).unwrap_or(head).trim_ascii_start();
    match text {
        [] => true,
        [b'{', rest @ ..] => matches!(rest.trim_ascii_start().first(), None | Some(b'"' | b'}')),
        [b'[', rest @ ..] => matches!(rest.trim_ascii_start().first(), None | Some(b'{' | b'[' | b'"' | b']')),
        _ => !text.contains(&0) && matches!(by_text(head, csv), Content::Csv(_)),
    }
}

fn by_mark(head: &[u8]) -> Option<Content> {
    Some(match head {
        [b'P', b'A', b'R', b'1', ..] => Content::Parquet,
        [b'P', b'A', b'R', b'E', ..] => Content::Other("an encrypted Parquet file"),
        [b'O', b'R', b'C', ..] => Content::Orc,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..] => Content::Zip,
        _ if is_tar(head) => Content::Tar,
        _ => Content::Utf16(Endian::of_mark(head)?),
    })
}

/// A tar archive begins with a header of 512 bytes that holds its own checksum.
fn is_tar(head: &[u8]) -> bool {
    let Some(header) = head.get(..512) else { return false };
    let field = header[148..156].split(|b| matches!(b, 0 | b' ')).find(|part| !part.is_empty()).unwrap_or_default();
    let stated = std::str::from_utf8(field).ok().and_then(|octal| u64::from_str_radix(octal, 8).ok());
    // The checksum is taken with blanks in its own place.
    let sum = header.iter().enumerate().map(|(at, b)| u64::from(if (148..156).contains(&at) { b' ' } else { *b }));
    header[0] != 0 && stated == Some(sum.sum())
}

fn by_text(head: &[u8], csv: &CsvOptions) -> Content {
    let text = head.strip_prefix(BOM).unwrap_or(head).trim_ascii_start();
    match text {
        [] | [b'{' | b'[', ..] | [b'"', b'{', b'\\' | b'}', ..] => return Content::Json,
        _ if text.contains(&0) => return Content::Other("binary data"),
        _ => {}
    }
    if let Some(dialect) = dialect::sniff(head, csv) {
        return Content::Csv(dialect);
    }
    if has_json_line(text) {
        return Content::Json;
    }
    Content::Other(match text {
        // A few formats that are met beside exports, so that their name helps more than "text".
        [b'<', ..] => "XML or HTML",
        _ if csv.columns.is_some() => "text that is not a table of the columns given",
        _ if dialect::is_table(head, csv) => "CSV without ActionTrail columns",
        _ => "text that is not JSON",
    })
}

/// True where some line begins like a record, so that only what stands before it is not JSON.
fn has_json_line(text: &[u8]) -> bool {
    text.split(|b| *b == b'\n').any(|line| line.starts_with(b"{\"") || line.starts_with(b"[{\""))
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
        ] {
            assert_eq!(format!("{:?}", sniff(head, &CsvOptions::default())), expected, "{head:?}");
        }
        assert!(matches!(sniff(b"event\n", &CsvOptions::default()), Content::Csv(_)));
    }
}
