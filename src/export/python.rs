//! Byte strings as Python prints them: scripts that write `str(line)` of what an SDK gave them leave `b'{…}'` behind.

/// The text of `b'…'` or `b"…"`, where it is JSON by its beginning; `None` for everything else.
pub(super) fn bytes_text(bytes: &[u8]) -> Option<String> {
    let line = bytes.trim_ascii();
    // Lines of a list that was printed over lines end with a comma.
    let inside = line.strip_suffix(b",").unwrap_or(line);
    let quote = *inside.strip_prefix(b"b")?.first().filter(|quote| matches!(quote, b'\'' | b'"'))?;
    let inside = inside.get(2..)?.strip_suffix(&[quote])?;
    if !matches!(inside.first(), Some(b'{' | b'[')) {
        return None;
    }
    let mut out = Vec::with_capacity(inside.len());
    let mut rest = inside.iter().copied();
    while let Some(byte) = rest.next() {
        match byte {
            b'\\' => match rest.next()? {
                b'n' => out.push(b'\n'),
                b'r' => out.push(b'\r'),
                b't' => out.push(b'\t'),
                b'x' => {
                    let mut digit = || (rest.next()? as char).to_digit(16);
                    let (high, low) = (digit()?, digit()?);
                    out.push(u8::try_from(high * 16 + low).ok()?);
                }
                escaped @ (b'\\' | b'\'' | b'"') => out.push(escaped),
                other => out.extend([b'\\', other]),
            },
            // The string ends before the line does.
            end if end == quote => return None,
            byte => out.push(byte),
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_strings_become_text() {
        for (bytes, expected) in [
            (&br#"b'{"a":"x"}'"#[..], Some(r#"{"a":"x"}"#)),
            (br#"b'{"a":"it\'s \\"q\\" \xe4\xba\x8b\\n"}\n'"#, Some("{\"a\":\"it's \\\"q\\\" \u{4e8b}\\n\"}\n")),
            (br#"  b"{'a': 1}",  "#, Some("{'a': 1}")),
            (b"b'[1]'", Some("[1]")),
            (b"b'{'a'}'", None),
            (br"b'{\xff}'", None),
            (br"b'{\x'", None),
            (b"b'text'", None),
            (b"b'{", None),
            (b"b", None),
            (b"", None),
            (b"{}", None),
        ] {
            assert_eq!(bytes_text(bytes).as_deref(), expected, "{}", String::from_utf8_lossy(bytes));
        }
    }
}
