//! E-mail addresses and telephone numbers, which `--redact` hides beside secrets.
//!
//! Numbers are those with a country code, and mobile numbers of China, which are what Alibaba Cloud's own accounts
//! have.

use super::key;

/// Returns `true` if a text may hold either.
pub(super) fn may_hold(text: &str) -> bool {
    let mut digits = 0;
    text.bytes().any(|byte| match byte {
        b'@' => true,
        b'0'..=b'9' => {
            digits += 1;
            digits >= 7
        }
        b' ' | b'-' | b'.' | b'(' | b')' | b'+' => false,
        // Either may be written with escapes: `%40`, `\u0040`.
        b'%' | b'\\' => true,
        _ => {
            digits = 0;
            false
        }
    }) || ["phone", "mobile", "mail"].iter().any(|word| contains(text, word))
}

fn contains(text: &str, word: &str) -> bool {
    text.as_bytes().windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

/// Returns `true` for a member that is hidden whole: a text or number under a key that says what it is.
pub(super) fn is_masked(key: &str, value: &str) -> bool {
    let is_scalar = !value.starts_with(['{', '[']);
    is_scalar && super::holds_something(value) && key::is_personal(key)
}

/// Returns `true` for a JSON number that is a mobile number.
pub(super) fn is_number(json: &str) -> bool {
    is_mobile(json.as_bytes())
}

/// Eleven digits of a mobile number of China.
fn is_mobile(digits: &[u8]) -> bool {
    digits.len() == 11
        && digits.iter().all(u8::is_ascii_digit)
        && digits[0] == b'1'
        && (b'3'..=b'9').contains(&digits[1])
}

/// The places of addresses and numbers in a text.
pub(super) fn find(text: &str) -> Vec<(usize, usize)> {
    let mut found = addresses(text);
    found.extend(numbers(text));
    found
}

/// More digits than any number has, with `0086` before it.
const MOST_DIGITS: usize = 20;

fn is_local(char: char) -> bool {
    char.is_alphanumeric() || matches!(char, '.' | '_' | '%' | '+' | '-' | '\'')
}

fn is_domain(char: char) -> bool {
    char.is_alphanumeric() || matches!(char, '-' | '.')
}

fn addresses(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (at, sign) in text.match_indices('@').chain(text.match_indices("%40")) {
        let before = &text[..at];
        // An address has 64 letters before the sign; what is longer is none, or hides whole.
        let start = before.char_indices().rev().take(256).take_while(|(_, char)| is_local(*char)).last();
        let Some((start, _)) = start else { continue };
        let behind = &text[at + sign.len()..];
        let length: usize = behind.chars().take(256).take_while(|char| is_domain(*char)).map(char::len_utf8).sum();
        let domain = behind[..length].trim_end_matches(['.', '-']);
        if domain.contains('.') {
            found.push((start, at + sign.len() + domain.len()));
        }
    }
    found
}

fn numbers(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let begins =
            bytes[at].is_ascii_digit() || (bytes[at] == b'+' && bytes.get(at + 1).is_some_and(u8::is_ascii_digit));
        let is_inside = at.checked_sub(1).is_some_and(|before| bytes[before].is_ascii_alphanumeric());
        if !begins || is_inside {
            at += 1;
            continue;
        }
        let alone = at + bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let ends = |end: usize| bytes.get(end).is_none_or(|after| !after.is_ascii_alphanumeric() && *after != b'*');
        if is_mobile(&bytes[at..alone]) && ends(alone) {
            found.push((at, alone));
            at = alone;
            continue;
        }
        let is_part = |byte: &&u8| byte.is_ascii_digit() || matches!(**byte, b' ' | b'-' | b'(' | b')');
        let mut left = MOST_DIGITS;
        let goes_on = |byte: &&u8| {
            left -= usize::from(byte.is_ascii_digit()).min(left);
            left > 0 && is_part(byte)
        };
        let length = 1 + bytes[at + 1..].iter().take_while(goes_on).count();
        let length = bytes[at..at + length].iter().rposition(u8::is_ascii_digit).map_or(1, |last| last + 1);
        let end = at + length;
        let digits: Vec<u8> = bytes[at..end].iter().copied().filter(u8::is_ascii_digit).collect();
        let has_code = bytes[at] == b'+' && (8..=15).contains(&digits.len());
        let bare = digits.strip_prefix(b"0086").or_else(|| digits.strip_prefix(b"86")).unwrap_or(&digits);
        if ends(end) && (has_code || is_mobile(&digits) || is_mobile(bare)) {
            found.push((at, end));
            at = end;
        } else {
            // Two numbers may stand next to each other.
            at +=
                bytes[at..end].iter().position(|byte| !byte.is_ascii_digit() && *byte != b'+').unwrap_or(length).max(1);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_numbers_are_found() {
        for (text, expected) in [
            ("alice@example.com", vec!["alice@example.com"]),
            ("to <a.b+c@mail.example.co.jp>, please.", vec!["a.b+c@mail.example.co.jp"]),
            ("role:Alice@159498693826.onaliyun.com", vec!["Alice@159498693826.onaliyun.com"]),
            ("u=alice%40example.com&x=1", vec!["alice%40example.com"]),
            ("13626736491", vec!["13626736491"]),
            ("tel +86 136-2673-6491.", vec!["+86 136-2673-6491"]),
            ("86-13626736491", vec!["86-13626736491"]),
            ("+1 (415) 555-2671", vec!["+1 (415) 555-2671"]),
            ("001-13626736491 13626736492", vec!["13626736491", "13626736492"]),
            ("account 1594986938261234", vec![]),
            ("at 2026-11-03T10:00:00Z from 203.0.113.9", vec![]),
            ("1757236721000", vec![]),
            ("a@b", vec![]),
            ("@octocat", vec![]),
        ] {
            let found: Vec<&str> = find(text).into_iter().map(|(start, end)| &text[start..end]).collect();
            assert_eq!(found, expected, "{text}");
            assert!(expected.is_empty() || may_hold(text), "{text}");
        }
    }
}
