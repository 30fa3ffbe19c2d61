//! Any text through the parser of search statements, and as a query over texts.
//!
//! Demands: nothing crashes or hangs; errors are few and have places in the text; what is read prints as a statement
//! that is read as the same; a text matches itself by its own words; time grows with the length and not faster.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trailql_fuzz::cost::assert_linear;
use trailql_fuzz::sls::matching::{Pattern, words};
use trailql_fuzz::sls::parser::{self, Search};
use trailql_fuzz::sls::split::split;

/// The longest pattern with wildcards: the time it takes grows with its length too.
const LONGEST_PATTERN: usize = 64;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let halves = split(&text);
    let again = halves.tail.map_or(halves.search.to_owned(), |tail| format!("{}|{}", halves.search, tail.text));
    assert_eq!(again, text, "the halves are not the whole");
    match parser::parse(halves.search) {
        Ok(Search { condition: Some(node), .. }) => {
            let printed = node.to_string();
            let read = parser::parse(&printed).map(|search| search.condition.map(|node| node.to_string()));
            assert_eq!(read, Ok(Some(printed)), "{text}");
        }
        Ok(Search { condition: None, .. }) => assert!(halves.search.trim().is_empty(), "{text} has no condition"),
        Err(errors) => {
            assert!((1..=5).contains(&errors.len()), "{} errors in {text}", errors.len());
            for error in errors {
                let span = error.span;
                assert!(span.start <= span.end && span.end <= halves.search.len(), "{error:?} in {text}");
            }
        }
    }
    let has_words = words(&text).next().is_some();
    assert_eq!(Pattern::literal(&text).matches(&text), has_words, "{text} does not match itself");
    assert_eq!(Pattern::phrase(&text).matches(&text), has_words, "{text} is no phrase of itself");
    assert!(Pattern::whole(&text, false).matches_whole(&text), "{text} is not itself");
    let pattern: String = text.chars().take(LONGEST_PATTERN).collect();
    assert_linear(data, |grown| {
        let text = String::from_utf8_lossy(grown);
        let _ = std::hint::black_box(parser::parse(split(&text).search));
        std::hint::black_box(Pattern::wild(&pattern).matches(&text));
    });
});
