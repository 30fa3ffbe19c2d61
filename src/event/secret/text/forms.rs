//! Finds what is a secret by its form: private keys in PEM, tokens of STS and OIDC, the password in a URL.

/// Finds the places of what is a secret by its form.
pub(super) fn find(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut key_end = None;
    for (at, begin) in text.match_indices("-----BEGIN") {
        let header = &text[at + begin.len()..];
        let header = header.get(..LONGEST_HEADER).unwrap_or(header);
        let Some(end) = header.find("-----").filter(|end| *end < 64) else { continue };
        let start = at + begin.len() + end + "-----".len();
        // A key in a key ends where the outer one does, and is masked with it.
        if !header[..end].contains("PRIVATE") || key_end.is_some_and(|end| start <= end) {
            continue;
        }
        let end = text[start..].find("-----END").map_or(text.len(), |end| start + end);
        key_end = Some(end);
        if text[start..end].contains(|char: char| char.is_ascii_alphanumeric()) {
            found.push((start, end));
        }
    }
    for (at, sign) in text.match_indices("://").chain(text.match_indices(":\\/\\/")) {
        let start = at + sign.len();
        if let Some((from, to)) = user_password(&text.as_bytes()[start..]) {
            found.push((start + from, start + to));
        }
    }
    let run = |at: usize, is_part: fn(char) -> bool| {
        let rest = &text[at..];
        at + (rest.len() - rest.trim_start_matches(is_part).len())
    };
    let mut end = 0;
    for (at, _) in text.match_indices("eyJ") {
        if at < end {
            continue;
        }
        end = run(at, |char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '.' | '='));
        let token = text[at..end].trim_end_matches('.');
        if token.split('.').nth(1).is_some_and(|claims| claims.starts_with("eyJ")) {
            found.push((at, end));
        }
    }
    let mut end = 0;
    for (at, _) in text.match_indices("CAIS") {
        if at < end {
            continue;
        }
        end = run(at, |char| char.is_ascii_alphanumeric() || matches!(char, '+' | '/' | '=' | '%' | '_' | '-'));
        if end - at >= SHORTEST_STS_TOKEN {
            found.push((at, end));
        }
    }
    found
}

/// The shortest text that is taken for a token of STS, which have some hundreds of letters.
const SHORTEST_STS_TOKEN: usize = 64;

/// The longest header of a private key that is read, and its dashes.
const LONGEST_HEADER: usize = 72;

/// The longest name of a user and password that a URL may have.
const LONGEST_USER: usize = 512;

/// Returns `true` if `bytes`, which follow `://`, may begin with a user and a password.
pub(in crate::event::secret) fn may_hold_user(bytes: &[u8]) -> bool {
    bytes.iter().take(LONGEST_USER).take_while(|byte| !byte.is_ascii_whitespace()).any(|byte| *byte == b'@')
}

/// Finds the password in `bytes`, which follow `://`.
fn user_password(bytes: &[u8]) -> Option<(usize, usize)> {
    let is_part = |byte: &&u8| !byte.is_ascii_whitespace() && !matches!(**byte, b'"' | b'?' | b'#' | b'<' | b'>');
    let length = bytes.iter().take(LONGEST_USER).take_while(is_part).count();
    let authority = bytes.get(..length)?;
    let slash = authority.iter().position(|byte| *byte == b'/').unwrap_or(length);
    // A slash may stand in a password that nobody escaped, but then no `@` stands before it.
    let at = authority[..slash].iter().rposition(|byte| *byte == b'@');
    let at = at.or_else(|| authority.iter().position(|byte| *byte == b'@'))?;
    let colon = authority[..at].iter().position(|byte| *byte == b':')?;
    let is_user = !authority[..colon].contains(&b'/') && colon + 1 < at;
    is_user.then_some((colon + 1, at))
}
