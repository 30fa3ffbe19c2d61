//! URLs: `url_extract_host` and its relatives, `url_encode` and `url_decode`.
//!
//! The parts are those of RFC 3986. As in Presto, a part that a URL does not have is an empty text, and a missing port
//! or parameter is NULL. A text with a character that no URL has gives NULL.

use super::frame::{Cell, Definition, Gives, Row, Takes};
use datafusion::common::exec_err;
use datafusion::logical_expr::ScalarUDF;

use Takes::Text;

/// Makes the functions.
pub(super) fn functions() -> Vec<ScalarUDF> {
    let define = |name, takes: &'static [Takes], gives| Definition { name, takes, least: takes.len(), gives };
    let mut functions: Vec<ScalarUDF> = [
        define(
            "sls_url_extract_protocol",
            &[Text],
            Gives::Text(|row| Ok(parts(row).map(|parts| parts.scheme.to_owned()))),
        ),
        define("sls_url_extract_host", &[Text], Gives::Text(|row| Ok(parts(row).map(|parts| parts.host.to_owned())))),
        define("sls_url_extract_port", &[Text], Gives::Int(|row| Ok(parts(row).and_then(|parts| parts.port)))),
        define(
            "sls_url_extract_path",
            &[Text],
            Gives::Text(|row| Ok(parts(row).map(|parts| decoded(parts.path, false)))),
        ),
        define(
            "sls_url_extract_query",
            &[Text],
            Gives::Text(|row| Ok(parts(row).map(|parts| decoded(parts.query, false)))),
        ),
        define(
            "sls_url_extract_fragment",
            &[Text],
            Gives::Text(|row| Ok(parts(row).map(|parts| decoded(parts.fragment, false)))),
        ),
        define("sls_url_extract_parameter", &[Text, Text], Gives::Text(parameter)),
        define("sls_url_encode", &[Text], Gives::Text(encode)),
    ]
    .map(Definition::function)
    .into();
    functions.extend(define("sls_url_decode", &[Text], Gives::Text(decode)).with_twin());
    functions
}

/// The parts of a URL, as they are written.
#[derive(Default)]
struct Parts<'t> {
    scheme: &'t str,
    host: &'t str,
    port: Option<i64>,
    path: &'t str,
    query: &'t str,
    fragment: &'t str,
}

/// Characters that stand in a URL only as escapes.
const ESCAPED: &str = "\"<>\\^`{|}";

fn parts<'r>(row: &'r Row<'_>) -> Option<Parts<'r>> {
    let text = row.text(0);
    if text.contains(|c: char| c.is_whitespace() || c.is_control() || ESCAPED.contains(c)) {
        return None;
    }
    let mut parts = Parts::default();
    let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (text, query) = text.split_once('?').unwrap_or((text, ""));
    (parts.fragment, parts.query) = (fragment, query);
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    };
    let rest = match text.split_once(':').filter(|(scheme, _)| is_scheme(scheme)) {
        Some((scheme, rest)) => {
            parts.scheme = scheme;
            rest
        }
        None => text,
    };
    let Some(rest) = rest.strip_prefix("//") else {
        parts.path = rest;
        return Some(parts);
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    parts.path = path;
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    // The colons of an IPv6 address stand in brackets.
    let after_bracket = place.find(']').map_or(0, |at| at + 1);
    let (host, port) = match place.get(after_bracket..).and_then(|rest| rest.rfind(':')) {
        Some(at) => (&place[..after_bracket + at], place.get(after_bracket + at + 1..)),
        None => (place, None),
    };
    parts.host = host;
    parts.port = port.and_then(|port| port.parse::<u16>().ok()).map(i64::from);
    Some(parts)
}

fn parameter(row: &Row<'_>) -> Cell<String> {
    let Some(Parts { query, .. }) = parts(row) else { return Ok(None) };
    let name = row.text(1);
    let mut pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    Ok(pairs.find(|(key, _)| decoded(key, true) == name).map(|(_, value)| decoded(value, true)))
}

/// Writes a text as a value of a form: letters, digits and `-_.*` stay, a blank becomes `+`.
fn encode(row: &Row<'_>) -> Cell<String> {
    let mut out = String::with_capacity(row.text(0).len());
    for byte in row.text(0).bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    Ok(Some(out))
}

fn decode(row: &Row<'_>) -> Cell<String> {
    let text = row.text(0);
    let bytes = text.as_bytes();
    let escapes = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%');
    for (at, _) in escapes {
        if hex(bytes, at + 1).is_none() {
            return exec_err!("an escape of a URL is a `%` and two hexadecimal digits: `{text}`");
        }
    }
    Ok(Some(decoded(text, true)))
}

fn hex(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
    u8::try_from(digit(at)? * 16 + digit(at + 1)?).ok()
}

/// Replaces escapes by what they stand for. What is no escape stays; bytes that are no UTF-8 become U+FFFD.
fn decoded(text: &str, plus_is_blank: bool) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'%' => match hex(bytes, at + 1) {
                Some(byte) => {
                    out.push(byte);
                    at += 2;
                }
                None => out.push(b'%'),
            },
            b'+' if plus_is_blank => out.push(b' '),
            other => out.push(*other),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}
