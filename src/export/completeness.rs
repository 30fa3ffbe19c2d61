//! The gaps that answers of APIs tell of themselves.
//!
//! An answer can be good JSON and still lack events: a query that had not come to its end, a page with a token for the
//! next one, an error in place of a page, rows cut at a limit. Only what an answer says itself counts here; that a log
//! store or a trail lacks events is for the coverage to find out.

use crate::event::json::{self, Members};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Different reasons that are kept of one source.
const REASONS: usize = 5;

/// Longest text of a file that a reason repeats.
const QUOTED_CHARS: usize = 80;

/// Gaps that one source tells of, while it is read.
#[derive(Debug, Default)]
pub struct Completeness {
    /// Reasons, and how often each was met.
    reasons: Vec<(String, u64)>,
    /// Reasons beyond those that are kept.
    more: u64,
    /// Pages that were met.
    pages: u64,
    /// `true` where a page was the last of its query.
    has_last_page: bool,
    /// Reason for which another page should follow the last one.
    open: Option<String>,
}

/// Gaps that a source tells of, when all of it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Incomplete {
    /// Reason for which events are missing; `None` where nothing says so.
    pub reason: Option<String>,
    /// Reason for which another page should follow the last one of the source. It may be in another file.
    pub open: Option<String>,
    /// `true` where the source holds pages, so that it may go on what another file began.
    pub has_pages: bool,
}

impl Completeness {
    /// Takes an answer that holds a list: a page of LookupEvents, an answer of GetLogsV2. `held` is how many elements
    /// the list has, where that is known.
    pub fn answer(&mut self, members: &Members<'_>, held: impl FnOnce() -> Option<u64>) {
        if let Some(meta) = members.get("meta").and_then(|meta| Members::parse(meta.get())) {
            self.progress(&meta);
            self.counts(&meta, held);
        } else if members.has("progress") {
            // The first form of GetLogs.
            self.progress(members);
            self.counts(members, held);
        } else {
            self.pages += 1;
            let token = members.get_any_case("NextToken").and_then(|token| json::scalar_text(token.get()));
            let is_open = token.is_some_and(|token| !token.trim().is_empty());
            // Behind the end of other pages it may be one of theirs, out of order.
            let verb = if self.has_last_page { "may be" } else { "is" };
            self.open = is_open.then(|| format!("its last page has a `NextToken`, and the next page {verb} missing"));
            self.has_last_page |= !is_open;
        }
    }

    /// Takes what an answer says of the progress of its query. Headers of an answer may say it too.
    pub fn progress(&mut self, members: &Members<'_>) {
        for key in ["progress", "x-log-progress"] {
            let Some(progress) = members.get_any_case(key).and_then(|value| json::scalar_text(value.get())) else {
                continue;
            };
            if !progress.eq_ignore_ascii_case("Complete") {
                self.add(format!("an answer of GetLogs has the progress `{}`", quoted(&progress)));
            }
        }
        if members.get("isAccurate").is_some_and(|value| value.get() == "false") {
            self.add("an answer of GetLogs says that it is not accurate".to_owned());
        }
    }

    fn counts(&mut self, meta: &Members<'_>, held: impl FnOnce() -> Option<u64>) {
        let number = |key: &str| meta.get(key).and_then(|value| json::scalar_text(value.get())?.parse::<u64>().ok());
        let Some(held) = held() else { return };
        if let Some(count) = number("count").filter(|count| *count > held) {
            self.add(format!("an answer of GetLogs says that it has {count} logs, and {held} are in it"));
        }
        // A statement without a limit of its own has one all the same.
        let has_sql = meta.get("hasSQL").is_some_and(|value| value.get() == "true");
        if has_sql {
            let limit = number("limited").filter(|limit| *limit > 0 && held >= *limit);
            self.pages += 1;
            self.open = limit.map(|limit| {
                format!("its last answer has as many rows as its limit, {limit}, so that more rows may be missing")
            });
        }
    }

    /// Takes an error that an API answered with.
    pub fn error(&mut self, error: &ApiError<'_>) {
        self.add(format!("an API answered with the error `{}`", quoted(&error.code)));
    }

    fn add(&mut self, reason: String) {
        if let Some((_, times)) = self.reasons.iter_mut().find(|(found, _)| *found == reason) {
            *times += 1;
        } else if self.reasons.len() < REASONS {
            self.reasons.push((reason, 1));
        } else {
            self.more += 1;
        }
    }

    /// Ends the source, and returns its gaps.
    pub fn finish(self) -> Incomplete {
        let times = |(reason, times): (String, u64)| match times {
            1 => reason,
            times => format!("{reason} ({times} times)"),
        };
        let mut reasons: Vec<String> = self.reasons.into_iter().map(times).collect();
        if self.more > 0 {
            reasons.push(format!("{} more reasons", self.more));
        }
        let reason = (!reasons.is_empty()).then(|| reasons.join("; "));
        Incomplete { reason, open: self.open, has_pages: self.pages > 0 }
    }
}

/// An error that an API answered with.
#[derive(Debug, PartialEq, Eq)]
pub struct ApiError<'a> {
    /// Its code, such as `Throttling.User`.
    pub code: Cow<'a, str>,
}

impl<'a> ApiError<'a> {
    /// Reads `{"Code":…,"Message":…}` of Alibaba Cloud's APIs and `{"errorCode":…,"errorMessage":…}` of SLS; `None` for
    /// every other object. An event has an `errorCode` too, and much besides.
    pub fn read(members: &Members<'a>) -> Option<Self> {
        let text = |key: &str| members.get(key).and_then(|value: &'a RawValue| json::string(value.get()));
        let is_known = |key: &str| KEYS_OF_ERRORS.iter().any(|known| known.eq_ignore_ascii_case(key));
        if !members.0.iter().all(|(key, _)| is_known(key)) {
            return None;
        }
        let code =
            [("Code", "Message"), ("code", "message"), ("errorCode", "errorMessage"), ("ErrorCode", "ErrorMessage")];
        let code = code.into_iter().find_map(|(code, message)| text(code).filter(|_| members.has(message)))?;
        Some(Self { code })
    }

    /// The error in words.
    pub fn text(&self) -> String {
        format!("an API's answer with the error `{}`, not events", quoted(&self.code))
    }
}

/// Keys that an answer with an error has.
const KEYS_OF_ERRORS: &[&str] = &[
    "Code",
    "Message",
    "RequestId",
    "HostId",
    "Recommend",
    "AccessDeniedDetail",
    "errorCode",
    "errorMessage",
    "httpCode",
    "HttpStatusCode",
    "statusCode",
    "Success",
    "requestId",
    "data",
    "description",
    "Data",
];

/// The beginning of a text that stands in a file.
fn quoted(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(QUOTED_CHARS) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list_length(members: &Members<'_>) -> Option<u64> {
        let list = ["Events", "data", "logs"].into_iter().find_map(|key| members.get(key))?;
        Some(json::strict::elements(list.get()).ok()?.len() as u64)
    }

    #[test]
    fn answers_say_what_they_leave_out() {
        // Answers one after the other, the reason, and why another page should follow.
        for (answers, reason, open) in [
            (&[r#"{"Events":[1],"NextToken":""}"#][..], None, None),
            (&[r#"{"Events":[],"NextToken":null}"#], None, None),
            (&[r#"{"Events":[1]}"#], None, None),
            (&[r#"{"Events":[1],"NextToken":"t"}"#], None, Some("next page is missing")),
            (&[r#"{"Events":[1],"NextToken":"t"}"#, r#"{"Events":[1]}"#], None, None),
            (&[r#"{"Events":[1]}"#, r#"{"Events":[],"NextToken":"t"}"#], None, Some("next page may be missing")),
            (&[r#"{"meta":{"progress":"Complete","count":1,"isAccurate":true},"data":[1]}"#], None, None),
            (&[r#"{"meta":{"progress":"Incomplete"},"data":[1]}"#], Some("progress `Incomplete`"), None),
            (&[r#"{"meta":{"progress":"Complete","count":3},"data":[1]}"#], Some("has 3 logs, and 1 are in it"), None),
            (&[r#"{"meta":{"progress":"Complete","isAccurate":false},"data":[1]}"#], Some("not accurate"), None),
            (&[r#"{"meta":{"hasSQL":true,"limited":2},"data":[1,2]}"#], None, Some("its limit, 2")),
            (&[r#"{"meta":{"hasSQL":true,"limited":2},"data":[1]}"#], None, None),
            (&[r#"{"meta":{"hasSQL":false,"limited":2},"data":[1,2]}"#], None, None),
            (
                &[
                    r#"{"meta":{"hasSQL":true,"limited":2},"data":[1,2]}"#,
                    r#"{"meta":{"hasSQL":true,"limited":2},"data":[1]}"#,
                ],
                None,
                None,
            ),
            (&[r#"{"progress":"Incomplete","count":1,"logs":[1]}"#], Some("Incomplete"), None),
            (
                &[r#"{"progress":"Incomplete","logs":[1]}"#, r#"{"progress":"Incomplete","logs":[1]}"#],
                Some("`Incomplete` (2 times)"),
                None,
            ),
        ] {
            let mut completeness = Completeness::default();
            for answer in answers {
                let members = Members::parse(answer).unwrap();
                completeness.answer(&members, || list_length(&members));
            }
            let found = completeness.finish();
            for (found, expected) in [(&found.reason, reason), (&found.open, open)] {
                let is_right =
                    found.as_deref().map_or(expected.is_none(), |found| expected.is_some_and(|e| found.contains(e)));
                assert!(is_right, "{answers:?}: {found:?}, not {expected:?}");
            }
        }
    }

    #[test]
    fn errors_are_known_by_their_keys() {
        for (json, code) in [
            (r#"{"Code":"Throttling.User","Message":"m","RequestId":"r","HostId":"h"}"#, Some("Throttling.User")),
            (r#"{"errorCode":"ProjectNotExist","errorMessage":"m"}"#, Some("ProjectNotExist")),
            (
                r#"{"Code":"Forbidden.RAM","Message":"m","RequestId":"r","Recommend":"u","AccessDeniedDetail":{}}"#,
                Some("Forbidden.RAM"),
            ),
            (r#"{"errorCode":"x","errorMessage":"m","eventId":"a"}"#, None),
            (r#"{"Code":"x"}"#, None),
            (r#"{"Code":1,"Message":"m"}"#, None),
            (r#"{"Code":"x","Message":"m","Other":1}"#, None),
            ("{}", None),
        ] {
            let members = Members::parse(json).unwrap();
            assert_eq!(ApiError::read(&members).map(|error| error.code.into_owned()).as_deref(), code, "{json}");
        }
        let long = ApiError { code: "x".repeat(1000).into() };
        assert!(long.text().len() < 200);
    }
}
