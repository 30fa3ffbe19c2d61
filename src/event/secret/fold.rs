//! Folds letters that a reader of JSON, of URLs or a person would take for the same.
//!
//! `Pass\u0077ord`, `Pass%77ord`, `Ｐａｓｓｗｏｒｄ` and `Pass<zero width space>word` all name a password to somebody. The
//! folded text is for comparing only; what is shown is always cut out of the text itself.

use std::borrow::Cow;

/// Escapes may stand in escapes: `%2570` is `%70`, which is `p`.
const ROUNDS: usize = 3;

/// Undoes escapes of JSON and URLs, writes full-width letters as ASCII, and drops characters of no width.
pub(super) fn fold(text: &str) -> Cow<'_, str> {
    let mut folded = Cow::Borrowed(text);
    for _ in 0..ROUNDS {
        let Some(next) = folded_once(&folded) else { break };
        folded = Cow::Owned(next);
    }
    folded
}

/// Folds once; `None` if there is nothing to fold.
fn folded_once(text: &str) -> Option<String> {
    if text.bytes().all(|byte| byte.is_ascii() && !matches!(byte, b'\\' | b'%')) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut changed = false;
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        let (folded, length) = match char {
            '\\' => match escaped(rest) {
                Ok(escape) => escape,
                Err(slashes) => {
                    out.push_str(&rest[..slashes]);
                    rest = &rest[slashes..];
                    continue;
                }
            },
            '%' => percent(rest),
            char => (folded_char(char), char.len_utf8()),
        };
        changed |= folded != Some(char) || length != char.len_utf8();
        out.extend(folded);
        rest = rest.get(length..).unwrap_or_default();
    }
    changed.then_some(out)
}

/// Reads `\u0070` at the beginning of `rest`, however often its backslash is escaped: its character, if that has a
/// width, and its length. An error is the number of backslashes that begin no such escape.
fn escaped(rest: &str) -> Result<(Option<char>, usize), usize> {
    let slashes = rest.len() - rest.trim_start_matches('\\').len();
    let digits =
        rest.get(slashes + 1..slashes + 5).filter(|_| matches!(rest.as_bytes().get(slashes), Some(b'u' | b'U')));
    let code = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    match code.and_then(|code| u32::from_str_radix(code, 16).ok()) {
        // Half of a pair is no letter that a key of ours has.
        Some(code) => Ok((char::from_u32(code).and_then(folded_char), slashes + 5)),
        None => Err(slashes),
    }
}

/// Reads `%70` at the beginning of `rest`: its character, if that has a width, and its length. Bytes beyond ASCII stay
/// escaped, but for those of full-width letters.
fn percent(rest: &str) -> (Option<char>, usize) {
    let byte = |at: usize| {
        let digits = rest.get(at..at + 3)?.strip_prefix('%')?;
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex.then(|| u8::from_str_radix(digits, 16).ok()).flatten()
    };
    match byte(0) {
        Some(found) if found.is_ascii() => (Some(char::from(found)), 3),
        Some(first) => {
            let length = if first >= 0xe0 { 3 } else { 2 };
            let bytes: Option<Vec<u8>> = (0..length).map(|n| byte(n * 3)).collect();
            let char = bytes.and_then(|bytes| std::str::from_utf8(&bytes).ok()?.chars().next());
            char.map_or((Some('%'), 1), |char| (folded_char(char), length * 3))
        }
        None => (Some('%'), 1),
    }
}

/// Returns a full-width character as the ASCII one; `None` for a character without width.
fn folded_char(char: char) -> Option<char> {
    match char {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(char as u32 - 0xfee0),
        char if has_no_width(char) => None,
        char => Some(char),
    }
}

/// Returns `true` for a character that takes no room on a screen.
pub fn has_no_width(char: char) -> bool {
    matches!(char,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Marks of the places at which [`fold`] may change a text: the beginnings of escapes, and the first bytes of the
/// characters that are folded.
pub(super) const MARKS: [&[u8]; 14] = [
    b"\\u",
    b"%",
    b"\xef\xbc",
    b"\xef\xbd",
    b"\xef\xbb",
    b"\xef\xb8",
    b"\xef\xbf",
    b"\xe2\x80",
    b"\xe2\x81",
    b"\xc2\xad",
    b"\xcd\x8f",
    b"\xd8\x9c",
    b"\xe1\xa0",
    b"\xf3\xa0",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_the_same_is_folded_alike() {
        for (text, folded) in [
            ("Password", "Password"),
            (r"Pass\u0077ord", "Password"),
            (r"Pass\\\u0077ord", "Password"),
            ("Pass%77ord", "Password"),
            ("Pass%2577ord", "Password"),
            ("Ｐａｓｓｗｏｒｄ：", "Password:"),
            ("%EF%BC%B0ass", "Pass"),
            ("Pass\u{200b}w\u{ad}ord\u{feff}", "Password"),
            (r"Pass\u200bword", "Password"),
            (r"a\nb", r"a\nb"),
            ("100%", "100%"),
            ("%e4%b8", "%e4%b8"),
            (r"\ud800x", "x"),
            ("中文", "中文"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn every_change_begins_with_a_mark() {
        for char in (0..=0x10_ffff).filter_map(char::from_u32) {
            let text = char.to_string();
            let is_marked = MARKS.iter().any(|mark| text.as_bytes().starts_with(mark));
            assert!(folded_char(char) == Some(char) || is_marked, "{:x}", char as u32);
        }
    }
}
