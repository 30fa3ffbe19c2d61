//! Console sign-ins of the account itself (root) and of RAM users, as the two sign-in services write them.

use chrono::{DateTime, Utc};

use super::event::{Draft, NoError};
use super::identity::Caller;
use super::json::{Json, members};
use super::random::Random;

/// What a sign-in came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signin {
    /// No error fields at all: the usual form of a root sign-in.
    Success,
    /// `errorCode` is "" and `errorMessage` is "success".
    SuccessInWords,
    /// `errorCode` and `errorMessage` say why not.
    Failed,
    /// Only `errorMessage` says why not.
    FailedByMessage,
}

impl Signin {
    fn apply(self, draft: Draft) -> Draft {
        match self {
            Self::Success => draft,
            Self::SuccessInWords => {
                let mut draft = draft.without_error(NoError::Empty);
                draft.error_message = Some(Json::from("success"));
                draft
            }
            Self::Failed => draft.refused("Authentication.Failed", "Incorrect password."),
            Self::FailedByMessage => {
                let mut draft = draft.without_error(NoError::Empty);
                draft.error_message = Some(Json::from("Incorrect verification code."));
                draft
            }
        }
    }
}

/// Which of its two names the MFA flag of a sign-in has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MfaKey {
    IsMfaChecked,
    MfaChecked,
}

impl MfaKey {
    fn name(self) -> &'static str {
        match self {
            Self::IsMfaChecked => "isMFAChecked",
            Self::MfaChecked => "mfaChecked",
        }
    }
}

/// A sign-in of the account itself: no AccessKey, no session yet; the account service writes it. `mfa` is `None` where
/// the event does not say.
pub fn root(
    random: &mut Random,
    time: DateTime<Utc>,
    caller: &Caller,
    login_account: &str,
    mfa: Option<(MfaKey, bool)>,
    outcome: Signin,
) -> Draft {
    let mut draft = Draft::new(random, time, caller, "ConsoleSignin");
    draft.event_type = "ConsoleSignin".to_owned();
    draft.source = "http://account.aliyun.com/login/login_aliyun.htm".to_owned();
    draft.service = "AasCustomer".to_owned();
    draft.is_global = Some(true);
    draft.rw = Some("Write");
    draft.additional = members! { "loginAccount": login_account };
    if let Some((key, checked)) = mfa {
        draft.additional.push((key.name().to_owned(), Json::from(if checked { "true" } else { "false" })));
    }
    outcome.apply(draft)
}

/// A sign-in of a RAM user: ids of another form, another service, the MFA flag under its other name.
pub fn ram_user(random: &mut Random, time: DateTime<Utc>, caller: &Caller, mfa: bool, outcome: Signin) -> Draft {
    let mut draft = Draft::new(random, time, caller, "ConsoleSignin");
    let outcome = if outcome == Signin::Success { Signin::SuccessInWords } else { outcome };
    draft.id = format!("1.{}_{}_{}", 100 + random.below(900), time.timestamp_millis(), random.hex(4));
    draft.request_id.clone_from(&draft.id);
    draft.event_type = "ConsoleSignin".to_owned();
    draft.source = "signin.aliyun.com".to_owned();
    draft.service = "AasSub".to_owned();
    draft.is_global = Some(true);
    draft.rw = Some("Write");
    draft.additional = members! {
        "callbackUrl": "https://homenew.console.aliyun.com/",
        "mfaChecked": if mfa { "true" } else { "false" },
    };
    outcome.apply(draft)
}

/// A sign-out of the account itself.
pub fn root_signout(random: &mut Random, time: DateTime<Utc>, caller: &Caller) -> Draft {
    let mut draft = Draft::new(random, time, caller, "ConsoleSignout");
    draft.event_type = "ConsoleSignout".to_owned();
    draft.source = "http://account.aliyun.com/logout/logout.htm".to_owned();
    draft.service = "AasCustomer".to_owned();
    draft.is_global = Some(true);
    draft.rw = Some("Write");
    draft
}
