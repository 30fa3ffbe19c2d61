//! Who calls, from where and with what: the `userIdentity` of an event and the address and agent that go with it.

use chrono::{DateTime, Utc};

use super::event::utc;
use super::json::{Object, members, object};

pub const BROWSER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                           Chrome/141.0.0.0 Safari/537.36";
pub const PYTHON_SDK: &str = "AlibabaCloud (Linux; amd64) Python/3.12.3 Core/2.16.0 python-requests/2.32.3";
pub const CLI: &str = "aliyuncli/3.0.290";

/// The five kinds of identity that ordinary accounts show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Root,
    RamUser,
    AssumedRole,
    System,
}

/// Somebody or something that calls.
#[derive(Debug, Clone)]
pub struct Caller {
    pub kind: Kind,
    pub account: String,
    /// Whether `userIdentity.accountId` is written at all; some exports leave only `recipientAccountId`.
    pub names_account: bool,
    pub principal: String,
    pub user_name: String,
    /// As written: `None` leaves it out; `""` and `"NULL"` occur and mean none.
    pub access_key: Option<String>,
    /// Start of the session and whether it was opened with MFA.
    pub session: Option<(DateTime<Utc>, bool)>,
    pub ip: Option<String>,
    pub agent: Option<String>,
}

impl Caller {
    /// The Alibaba Cloud account itself (root), still without a key, session, address or agent.
    pub fn root(account: &str) -> Self {
        Self {
            kind: Kind::Root,
            account: account.to_owned(),
            names_account: true,
            principal: account.to_owned(),
            user_name: "root".to_owned(),
            access_key: None,
            session: None,
            ip: None,
            agent: None,
        }
    }

    /// A RAM user.
    pub fn ram_user(account: &str, principal: &str, user_name: &str) -> Self {
        let root = Self::root(account);
        Self { kind: Kind::RamUser, principal: principal.to_owned(), user_name: user_name.to_owned(), ..root }
    }

    /// A session of a RAM role: its temporary key starts with `STS.`.
    pub fn role(account: &str, role_id: &str, role: &str, session: &str, since: DateTime<Utc>) -> Self {
        Self {
            kind: Kind::AssumedRole,
            principal: format!("{role_id}:{session}"),
            user_name: format!("{role}:{session}"),
            session: Some((since, false)),
            ..Self::root(account)
        }
    }

    /// A cloud service that acts on its own; address and agent are its host name.
    pub fn service(account: &str, host: &str) -> Self {
        Self {
            kind: Kind::System,
            user_name: host.to_owned(),
            ip: Some(host.to_owned()),
            agent: Some(host.to_owned()),
            ..Self::root(account)
        }
    }

    /// The same caller at another address with another agent.
    pub fn at(mut self, ip: &str, agent: &str) -> Self {
        self.ip = Some(ip.to_owned());
        self.agent = Some(agent.to_owned());
        self
    }

    /// The same caller, signing with an AccessKey.
    pub fn with_key(mut self, access_key: &str) -> Self {
        self.access_key = Some(access_key.to_owned());
        self
    }

    /// The same caller in a console session.
    pub fn in_console(mut self, since: DateTime<Utc>, mfa: bool) -> Self {
        self.session = Some((since, mfa));
        self
    }

    /// Whether calls come through the web console: a session without a key.
    pub fn uses_console(&self) -> bool {
        self.session.is_some() && self.access_key.is_none()
    }

    /// The members of `userIdentity`.
    pub fn identity(&self) -> Object {
        if self.kind == Kind::System {
            return members! { "type": "system", "userName": &self.user_name };
        }
        let mut out = Vec::new();
        if let Some((since, mfa)) = self.session {
            let mfa = if mfa { "true" } else { "false" };
            let attributes = object! { "mfaAuthenticated": mfa, "creationDate": utc(since) };
            out.extend(members! { "sessionContext": object! { "attributes": attributes } });
        }
        if self.names_account {
            out.extend(members! { "accountId": &self.account });
        }
        let kind = match self.kind {
            Kind::Root => "root-account",
            Kind::RamUser => "ram-user",
            Kind::AssumedRole => "assumed-role",
            Kind::System => "system",
        };
        out.extend(members! { "principalId": &self.principal, "type": kind, "userName": &self.user_name });
        if let Some(key) = &self.access_key {
            out.extend(members! { "accessKeyId": key });
        }
        out
    }
}
