//! Computes the columns that no export carries, each from the event's other columns alone.
//!
//! They are stored so that views, scopes and other engines can filter on them cheaply; since the event itself is kept
//! whole, they can be computed anew when a rule here changes.

use super::field::FieldId::{self, *};
use super::field::{FIELD_IDS, FieldSet};
use super::ids::source_kind;
use super::record::{Event, Value};

/// Error codes that say the caller had no permission, up to a first dot; `Forbbiden` is ActionTrail's own spelling.
const DENIED: &[&str] =
    &["NoPermission", "Forbidden", "Forbbiden", "AccessDenied", "AccessForbidden", "NotAuthorized", "Unauthorized"];

/// The fields that name the account an event belongs to, the first one that is present.
const ACCOUNT: [FieldId; 3] = [UserIdentityAccountId, RecipientAccountId, Recipient];

/// The fields of the identity that acted.
pub const IDENTITY: [FieldId; 7] = [
    UserIdentityType,
    UserIdentityPrincipalId,
    UserIdentityAccountId,
    UserIdentityAccessKeyId,
    UserIdentityUserName,
    UserIdentitySessionContextAttributesMfaAuthenticated,
    UserIdentitySessionContextAttributesCreationDate,
];

/// `fields` with those that the derived ones among them are computed from. What [`MfaUsed`] is computed from is no
/// field.
pub fn with_sources(fields: FieldSet) -> FieldSet {
    let sources: [(FieldId, &[FieldId]); 7] = [
        (AccountId, &ACCOUNT),
        (Outcome, &[ErrorCode, EventName, ErrorMessage]),
        (SourceKind, &[SourceIpAddress]),
        (Unread, &IDENTITY),
        (Unread, &[EventTime, RecipientAccountId, Recipient]),
        (Completeness, &IDENTITY),
        (Normalised, FIELD_IDS),
    ];
    let derived = sources.into_iter().filter(|(derived, _)| fields.contains(*derived));
    fields.union(derived.flat_map(|(_, sources)| sources).copied().collect())
}

/// Fills the derived columns of `event`. `mfa` is what `isMFAChecked` or `mfaChecked` says, where it is said.
pub fn derive<'a>(event: &mut Event<'a>, mfa: Option<bool>) {
    if let Some(account) = ACCOUNT.into_iter().find(|id| event.present(*id).is_some()) {
        let account = event.value(account).clone();
        event.set(AccountId, account);
    }
    event.set_text(Outcome, outcome(event));
    if let Some(kind) = event.present(SourceIpAddress).map(source_kind) {
        event.set_text(SourceKind, kind);
    }
    if let Some(used) = mfa {
        event.set(MfaUsed, Value::Flag(used));
    }
}

/// `success`, `denied` or `error`. A logon fails with an error message too, unless the message is `success`.
fn outcome(event: &Event<'_>) -> &'static str {
    if let Some(code) = event.present(ErrorCode) {
        return if is_denied(code) { "denied" } else { "error" };
    }
    let failed_logon = event.text(EventName) == Some("ConsoleSignin")
        && event.present(ErrorMessage).is_some_and(|message| !message.trim().eq_ignore_ascii_case("success"));
    if failed_logon { "error" } else { "success" }
}

fn is_denied(code: &str) -> bool {
    let code = code.trim().trim_matches('"');
    DENIED.contains(&code.split_once('.').map_or(code, |(kind, _)| kind))
}

/// Reads a flag that arrives as text.
pub fn flag(text: &str) -> Option<bool> {
    match text.trim() {
        t if t.eq_ignore_ascii_case("true") => Some(true),
        f if f.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes() {
        for (name, code, message, expected) in [
            ("RunInstances", None, None, "success"),
            ("RunInstances", Some(""), Some(""), "success"),
            ("RunInstances", Some("NULL"), None, "success"),
            ("RunInstances", Some("null"), Some("null"), "success"),
            ("RunInstances", None, Some("a remark"), "success"),
            ("RunInstances", Some("NoPermission"), None, "denied"),
            ("RunInstances", Some("\"NoPermission\""), None, "denied"),
            ("RunInstances", Some("Forbidden.RAM"), None, "denied"),
            ("RunInstances", Some("Forbbiden"), None, "denied"),
            ("RunInstances", Some("ForbiddenByQuota"), None, "error"),
            ("RunInstances", Some("202"), None, "error"),
            ("RunInstances", Some("InvalidAccessKeyId.NotFound"), None, "error"),
            ("ConsoleSignin", None, Some("success"), "success"),
            ("ConsoleSignin", None, Some("Incorrect password."), "error"),
            ("ConsoleSignin", Some("Authentication.Failed"), Some("Incorrect password."), "error"),
        ] {
            let mut event = Event::default();
            event.set_text(EventName, name);
            if let Some(code) = code {
                event.set_text(ErrorCode, code);
            }
            if let Some(message) = message {
                event.set_text(ErrorMessage, message);
            }
            derive(&mut event, None);
            assert_eq!(event.text(Outcome), Some(expected), "{name} {code:?} {message:?}");
        }
    }

    #[test]
    fn the_account_falls_back_to_the_recipient() {
        for (identity, recipient, expected) in [
            (Some("1000000000000001"), Some("1000000000000002"), Some("1000000000000001")),
            (Some(""), Some("1000000000000002"), Some("1000000000000002")),
            (Some("NULL"), None, None),
            (None, None, None),
        ] {
            let mut event = Event::default();
            for (id, text) in [(UserIdentityAccountId, identity), (RecipientAccountId, recipient)] {
                if let Some(text) = text {
                    event.set_text(id, text);
                }
            }
            derive(&mut event, None);
            assert_eq!(event.text(AccountId), expected);
        }
    }

    #[test]
    fn mfa_is_true_false_or_not_said() {
        for (text, expected) in [("true", Some(true)), ("False", Some(false)), ("yes", None), ("", None)] {
            let mut event = Event::default();
            derive(&mut event, flag(text));
            assert_eq!(event.value(MfaUsed), &expected.map_or(Value::Absent, Value::Flag), "{text}");
        }
    }
}
