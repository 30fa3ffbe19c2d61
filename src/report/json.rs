//! The report as JSON: the model as it is, with a schema version, for programs and for keeping.

use super::model::RootUsage;
use super::text::is_hidden;

/// Writes the model as indented JSON with a line feed at its end.
///
/// Characters that steer a terminal or cannot be seen are written as `\u` escapes, which JSON readers undo.
pub fn render(report: &RootUsage) -> Result<String, serde_json::Error> {
    let plain = serde_json::to_string_pretty(report)?;
    let mut json = String::with_capacity(plain.len() + 1);
    let mut units = [0u16; 2];
    for c in plain.chars() {
        // serde_json has escaped the line feeds of values; those left are its own layout.
        if c == '\n' || !is_hidden(c) {
            json.push(c);
        } else {
            for unit in c.encode_utf16(&mut units) {
                json.push_str("\\u");
                json.extend([12, 8, 4, 0].map(|shift| hex_digit(*unit >> shift)));
            }
        }
    }
    json.push('\n');
    Ok(json)
}

fn hex_digit(n: u16) -> char {
    char::from_digit(u32::from(n & 0xf), 16).unwrap_or('0')
}
