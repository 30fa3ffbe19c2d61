//! Any text through the rule for secrets.
//!
//! Demands: nothing crashes or hangs; a text grows by a mark for each value at most; the scan finds all that the rule
//! finds; a password that is written into the text, as a member of JSON, a string in a string or a form, is not shown;
//! time grows with the length and not faster.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::borrow::Cow;
use trailql_fuzz::cost::assert_linear;
use trailql_fuzz::event::secret::{Masker, may_hold_secret};

/// A value that no text holds by itself, and that no rule takes for a mark.
const SECRET: &str = "Zq7Zq7Zq";

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    for masker in [Masker::PLAIN, Masker::PLAIN.with_personal()] {
        let masked = masker.mask(&text);
        assert!(masked.len() <= text.len() * 8 + 8, "{text} grows to {masked}");
        let _ = masker.mask_bytes(data);
    }
    if matches!(Masker::PLAIN.mask(&text), Cow::Owned(_)) {
        assert!(may_hold_secret(&text), "the scan passes over {text}");
    }
    assert_linear(data, |grown| {
        let text = String::from_utf8_lossy(grown);
        std::hint::black_box(Masker::keyed(b"a lake").with_personal().mask(&text));
        std::hint::black_box(may_hold_secret(&text));
    });
    if text.contains(SECRET) {
        return;
    }
    let quoted = |text: &str| serde_json::to_string(text).expect("text is JSON");
    let member = format!("{{\"a\":{},\"PassWord\":\"{SECRET}\",\"b\":{}}}", quoted(&text), quoted(&text));
    let form = format!("a={}&Pass%77ord={SECRET}&b=c", quoted(&text).replace(['=', '"', '\'', ':'], ""));
    for written in [
        member.clone(),
        format!("[{{\"x\":{}}}]", quoted(&member)),
        format!("{{\"n\":1**,{}", &member[1..]),
        format!("failed: {member}"),
        form,
    ] {
        let masked = Masker::PLAIN.mask(&written);
        assert!(!masked.contains(SECRET), "{written} shows its secret: {masked}");
    }
});
