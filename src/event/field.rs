//! The field table: the one list of columns that everything else derives from.
//!
//! The Arrow schema, the decoder, the names that SLS queries use, `DESCRIBE events`, the documentation and the way an
//! event is rebuilt from its row all read this table; a new field is a new row here and nothing more. A column's name
//! is the field's JSON path in snake_case, the way Alibaba Cloud's own Data Lake table for ActionTrail spells it, and
//! its SLS name is `event.` plus the JSON path.
//!
//! Facts behind the documentation texts: the ActionTrail pages "Management event structure", "Data event structure"
//! and "Insights event structure" (both versions), and the differences that published records show.

/// The type of a column, with the JSON form that rebuilds the event from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text; its JSON form is a string.
    Text,
    /// Text of a version number; its JSON form is a number when it is made of digits only (`1`), else a string.
    Version,
    /// Any JSON value, kept as the JSON text that came; its keys vary from event to event.
    Json,
    /// An instant with microseconds, UTC; its JSON form is RFC 3339 with `Z` and no needless fraction.
    Time,
    /// A boolean; its JSON form is `true` or `false`.
    Flag,
    /// A 64-bit signed integer.
    Int,
}

/// The origin of a column's values, which decides whether the event is rebuilt from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Part of the event: dumping an event reads this column.
    Stored,
    /// A copy of one value inside a [`Kind::Json`] column, so that filters need not parse JSON.
    Copied,
    /// Computed from other columns by [`super::derive`]; compaction may compute it anew.
    Derived,
    /// The parts of an event that the other columns cannot give back, see [`FieldId::Extra`].
    Extra,
    /// The place where the event was read, and the envelope around it.
    Provenance,
}

/// The parts of the values of a column that answers hide ([`super::secret`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Ids and words that services choose, and what is computed. Questions filter on them as they stand, so that files
    /// and pages are pruned; the decoder leaves such a column empty where its value holds a secret all the same.
    Fixed,
    /// Names that people choose, which may be e-mail addresses. They hold no secrets, as ids do not.
    Names,
    /// JSON and free text, in which anything may stand: secrets, addresses, telephone numbers.
    Anything,
}

/// One row of the field table.
#[derive(Debug)]
pub struct Field {
    /// Column name in the lake and in SQL.
    pub column: &'static str,
    /// JSON path from the event's top level; empty for columns that no export carries.
    pub path: &'static [&'static str],
    /// Type and JSON form.
    pub kind: Kind,
    /// The origin of its values.
    pub role: Role,
    /// `true` for ids that people look up one at a time: the data files carry a bloom filter for them.
    pub looked_up: bool,
    /// The parts of it that answers hide.
    pub holds: Holds,
    /// One line for `DESCRIBE`, completion and the documentation.
    pub doc: &'static str,
}

impl Field {
    /// The name SLS gives this field, for example `event.userIdentity.accessKeyId`; `None` for our own columns.
    ///
    /// The reserved fields of an SLS record (`__time__`, `__topic__`, `__source__`) keep their SLS name as column name.
    pub fn sls_name(&self) -> Option<String> {
        match self.role {
            Role::Stored | Role::Copied => Some(format!("event.{}", self.path.join("."))),
            Role::Provenance if self.column.starts_with("__") => Some(self.column.to_owned()),
            _ => None,
        }
    }

    /// The same field, whose values are text that anybody may have written.
    const fn free(self) -> Self {
        Self { holds: Holds::Anything, ..self }
    }

    /// The same field, whose values are names of people.
    const fn names(self) -> Self {
        Self { holds: Holds::Names, ..self }
    }
}

const fn holds(kind: Kind) -> Holds {
    if matches!(kind, Kind::Json) { Holds::Anything } else { Holds::Fixed }
}

const fn stored(column: &'static str, path: &'static [&'static str], kind: Kind, doc: &'static str) -> Field {
    Field { column, path, kind, role: Role::Stored, looked_up: false, holds: holds(kind), doc }
}

const fn looked_up(column: &'static str, path: &'static [&'static str], doc: &'static str) -> Field {
    Field { column, path, kind: Kind::Text, role: Role::Stored, looked_up: true, holds: Holds::Fixed, doc }
}

const fn copied(column: &'static str, path: &'static [&'static str], doc: &'static str) -> Field {
    Field { column, path, kind: Kind::Text, role: Role::Copied, looked_up: false, holds: Holds::Anything, doc }
}

const fn own(column: &'static str, kind: Kind, role: Role, doc: &'static str) -> Field {
    Field { column, path: &[], kind, role, looked_up: false, holds: holds(kind), doc }
}

macro_rules! fields {
    ($($id:ident = $field:expr;)*) => {
        /// The fields by name, in the order of [`FIELDS`] and of the columns.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(usize)]
        pub enum FieldId { $(#[allow(missing_docs, reason = "the table documents each field")] $id),* }

        /// The field table.
        pub static FIELDS: &[Field] = &[$($field),*];

        /// Every field id, in table order.
        pub const FIELD_IDS: &[FieldId] = &[$(FieldId::$id),*];
    };
}

fields! {
    EventId = looked_up("event_id", &["eventId"], "Id of the event, usually a GUID that ActionTrail generates");
    EventTime = stored("event_time", &["eventTime"], Kind::Time, "When the event happened (ActionTrail's eventTime)");
    EventName = stored("event_name", &["eventName"], Kind::Text, "API name, or a phrase such as ConsoleSignin or Create");
    EventType = stored("event_type", &["eventType"], Kind::Text, "ApiCall, ConsoleOperation, ConsoleSignin, ConsoleSignout, PasswordReset, AliyunServiceEvent, ActionTrailInsight, …");
    EventCategory = stored("event_category", &["eventCategory"], Kind::Text, "Management, Data or Insight; absent before 2020-12");
    EventRw = stored("event_rw", &["eventRW"], Kind::Text, "Read or Write; absent before 2020-12-16");
    EventVersion = stored("event_version", &["eventVersion"], Kind::Version, "Version of the event format");
    EventSource = stored("event_source", &["eventSource"], Kind::Text, "Where the request was handled: a service endpoint or a URL").free();
    ServiceName = stored("service_name", &["serviceName"], Kind::Text, "Cloud service, for example Ecs; the case varies");
    AcsRegion = stored("acs_region", &["acsRegion"], Kind::Text, "Region; global services record in one region");
    ApiVersion = stored("api_version", &["apiVersion"], Kind::Text, "Version of the API called").free();
    RequestId = looked_up("request_id", &["requestId"], "Id of the API request, often equal to the event id");
    SourceIpAddress = looked_up("source_ip_address", &["sourceIpAddress"], "Caller's address: IPv4, IPv6, a service's host name, or Internal");
    UserAgent = stored("user_agent", &["userAgent"], Kind::Text, "Client that sent the request, as it names itself").free();
    UserIdentityType = stored("user_identity_type", &["userIdentity", "type"], Kind::Text, "root-account, ram-user, assumed-role, system, cloudsso-user, saml-user, alibaba-cloud-account or oidc-user");
    UserIdentityPrincipalId = stored("user_identity_principal_id", &["userIdentity", "principalId"], Kind::Text, "Id of the identity; for a role: role id, colon, session name").names();
    UserIdentityAccountId = stored("user_identity_account_id", &["userIdentity", "accountId"], Kind::Text, "Account of the identity used");
    UserIdentityAccessKeyId = looked_up("user_identity_access_key_id", &["userIdentity", "accessKeyId"], "AccessKey that signed the call: LTAI… for a long-term key, STS.… for a temporary one");
    UserIdentityUserName = stored("user_identity_user_name", &["userIdentity", "userName"], Kind::Text, "root, a RAM user's name, or role name, colon, session name").names();
    UserIdentitySessionContextAttributesMfaAuthenticated = stored("user_identity_session_context_attributes_mfa_authenticated", &["userIdentity", "sessionContext", "attributes", "mfaAuthenticated"], Kind::Text, "Whether the session was opened with MFA: the text true or false");
    UserIdentitySessionContextAttributesCreationDate = stored("user_identity_session_context_attributes_creation_date", &["userIdentity", "sessionContext", "attributes", "creationDate"], Kind::Text, "When the session was opened, as text");
    ErrorCode = stored("error_code", &["errorCode"], Kind::Text, "Error code; absent, empty or null on success");
    ErrorMessage = stored("error_message", &["errorMessage"], Kind::Text, "Error text; a successful logon may say success here").free();
    ResourceType = stored("resource_type", &["resourceType"], Kind::Text, "Types of the resources, separated by semicolons").free();
    ResourceName = stored("resource_name", &["resourceName"], Kind::Text, "Ids of the resources: commas inside a type, semicolons between types").free();
    RequestParameters = stored("request_parameters", &["requestParameters"], Kind::Json, "What the API was called with (JSON)");
    RequestParameterJson = stored("request_parameter_json", &["requestParameterJson"], Kind::Text, "The same as one JSON string, as SLS indexes it").free();
    ResponseElements = stored("response_elements", &["responseElements"], Kind::Json, "What the API answered (JSON); may hold issued credentials");
    ReferencedResources = stored("referenced_resources", &["referencedResources"], Kind::Json, "Resource ids by resource type (JSON)");
    AdditionalEventData = stored("additional_event_data", &["additionalEventData"], Kind::Json, "Facts that depend on the kind of event (JSON): MFA of a logon, orders, the scheme");
    EventAttributes = stored("event_attributes", &["eventAttributes"], Kind::Json, "Attributes such as SensitiveAction (JSON)");
    IsGlobal = stored("is_global", &["isGlobal"], Kind::Flag, "Whether the event belongs to a global service");
    RecipientAccountId = stored("recipient_account_id", &["recipientAccountId"], Kind::Text, "Account that receives the event");
    Recipient = stored("recipient", &["recipient"], Kind::Text, "Account that receives the event, in Insight events of the first format");
    VpcId = stored("vpc_id", &["vpcId"], Kind::Text, "VPC the request came from, where it is known").free();
    SharedEventId = stored("shared_event_id", &["sharedEventId"], Kind::Text, "Links the start and the end of one Insight");
    InsightDetails = stored("insight_details", &["insightDetails"], Kind::Json, "State, type, object and statistics of an Insight event (JSON)");
    InsightDetailsState = copied("insight_details_state", &["insightDetails", "state"], "Start or end of the unusual activity");
    InsightDetailsInsightType = copied("insight_details_insight_type", &["insightDetails", "insightType"], "IpInsight, ApiCallRateInsight, ApiErrorRateInsight, AkInsight, …");
    InsightDetailsInsightObject = copied("insight_details_insight_object", &["insightDetails", "insightObject"], "What was unusual: an address, a service, an event name, a key");
    InsightDetailsSourceIpAddress = copied("insight_details_source_ip_address", &["insightDetails", "sourceIpAddress"], "The unusual address, in Insight events of the first format");
    AdditionalEventDataLoginAccount = copied("additional_event_data_login_account", &["additionalEventData", "loginAccount"], "Name typed at a root logon");
    AccountId = own("account_id", Kind::Text, Role::Derived, "Account the event belongs to: of the identity, else of the recipient");
    Outcome = own("outcome", Kind::Text, Role::Derived, "success, denied (no permission) or error");
    MfaUsed = own("mfa_used", Kind::Flag, Role::Derived, "Whether a logon was checked with MFA, from isMFAChecked or mfaChecked; null where it is not said");
    SourceKind = own("source_kind", Kind::Text, Role::Derived, "Kind of source_ip_address: ipv4, ipv6, service, internal, masked or other; null where there is none");
    Unread = own("unread", Kind::Text, Role::Derived, "Fields that came with a value which could not be read, separated by commas, and eventTime where none came; extra keeps the value");
    Normalised = own("normalised", Kind::Text, Role::Derived, "Fields whose value came in another spelling than ActionTrail's, separated by commas; extra keeps the value");
    Completeness = own("completeness", Kind::Int, Role::Derived, "How many members the event came with: of two copies the one with more is kept");
    Extra = own("extra", Kind::Json, Role::Extra, "Top-level members, as they came, that the other columns alone would not give back (JSON)");
    SlsTime = own("__time__", Kind::Int, Role::Provenance, "SLS: when the log was written, seconds since 1970 (not when the event happened)");
    SlsTopic = own("__topic__", Kind::Text, Role::Provenance, "SLS: topic of the log").free();
    SlsSource = own("__source__", Kind::Text, Role::Provenance, "SLS: source of the log").free();
    SlsTags = own("__tags__", Kind::Json, Role::Provenance, "SLS: every other member of the log around the event (JSON)");
    SourceId = own("source_id", Kind::Text, Role::Provenance, "File the event was read from: source_id of the table sources");
    SourceMember = own("source_member", Kind::Text, Role::Provenance, "Name of the member, where that file is an archive");
    SourceRecord = own("source_record", Kind::Int, Role::Provenance, "Number of the record in that file, from 0");
    SourceOffset = own("source_offset", Kind::Int, Role::Provenance, "Where the record begins, in bytes of the unpacked file or member; in Parquet and ORC, the number of the row");
    ContentIdentity = own("content_identity", Kind::Text, Role::Provenance, "Hash of the whole event, where its id is masked or missing and cannot tell it from others");
}

/// Number of fields in the table.
pub const FIELD_COUNT: usize = FIELD_IDS.len();

impl FieldId {
    /// This field's row of the table.
    pub fn field(self) -> &'static Field {
        &FIELDS[self as usize]
    }

    /// This field's column name.
    pub fn column(self) -> &'static str {
        self.field().column
    }
}

/// Some of the fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldSet(u64);

const _: () = assert!(FIELD_COUNT <= u64::BITS as usize, "FieldSet has a bit for each field");

impl FieldSet {
    /// None of them.
    pub const NONE: Self = Self(0);

    /// All of them.
    pub const ALL: Self = Self(u64::MAX >> (u64::BITS as usize - FIELD_COUNT));

    /// Returns `true` if the field is one of these.
    pub const fn contains(self, id: FieldId) -> bool {
        self.0 & 1 << id as usize != 0
    }

    /// These and one more.
    pub const fn with(self, id: FieldId) -> Self {
        Self(self.0 | 1 << id as usize)
    }

    /// The fields of either set.
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The fields of both sets.
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Returns `true` for the set of no fields.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// These but for one.
    pub const fn without(self, id: FieldId) -> Self {
        Self(self.0 & !(1 << id as usize))
    }

    /// These fields, in the order of the table.
    pub fn ids(self) -> impl Iterator<Item = FieldId> {
        self.places().filter_map(|at| FIELD_IDS.get(at).copied())
    }

    /// The places of these fields in the table, in its order.
    pub fn places(self) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let at = (left != 0).then(|| left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(at)
        })
    }
}

impl FromIterator<FieldId> for FieldSet {
    fn from_iter<I: IntoIterator<Item = FieldId>>(fields: I) -> Self {
        fields.into_iter().fold(Self::NONE, Self::with)
    }
}

/// The field with this column name.
pub fn by_column(column: &str) -> Option<FieldId> {
    FIELD_IDS.iter().copied().find(|id| id.column() == column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// The rule of the column names, spelled out: `userIdentity.accessKeyId` is `user_identity_access_key_id`.
    fn snake_case(path: &[&str]) -> String {
        let mut out = String::new();
        for (depth, part) in path.iter().enumerate() {
            if depth > 0 {
                out.push('_');
            }
            let chars: Vec<char> = part.chars().collect();
            for (i, c) in chars.iter().enumerate() {
                let starts_word = c.is_ascii_uppercase() && i > 0 && chars[i - 1].is_ascii_lowercase();
                if starts_word {
                    out.push('_');
                }
                out.push(c.to_ascii_lowercase());
            }
        }
        out
    }

    #[test]
    fn columns_are_json_paths_in_snake_case() {
        for field in FIELDS.iter().filter(|f| !f.path.is_empty()) {
            assert_eq!(field.column, snake_case(field.path));
        }
    }

    #[test]
    fn what_questions_prune_by_is_not_hidden() {
        for field in FIELDS {
            assert!(field.kind != Kind::Json || field.holds == Holds::Anything, "{}", field.column);
            assert!(!field.looked_up || field.holds == Holds::Fixed, "{}", field.column);
        }
    }

    #[test]
    fn columns_and_paths_are_unique() {
        let columns: HashSet<_> = FIELDS.iter().map(|f| f.column).collect();
        assert_eq!(columns.len(), FIELD_COUNT);
        let paths: Vec<_> = FIELDS.iter().map(|f| f.path).filter(|p| !p.is_empty()).collect();
        assert_eq!(paths.iter().collect::<HashSet<_>>().len(), paths.len());
    }

    #[test]
    fn sls_names_follow_the_path() {
        assert_eq!(
            FieldId::UserIdentityAccessKeyId.field().sls_name().as_deref(),
            Some("event.userIdentity.accessKeyId")
        );
        assert_eq!(FieldId::SlsTime.field().sls_name().as_deref(), Some("__time__"));
        assert_eq!(FieldId::Outcome.field().sls_name(), None);
    }

    #[test]
    fn a_copied_field_lies_inside_a_json_column() {
        for field in FIELDS.iter().filter(|f| f.role == Role::Copied) {
            let whole = FIELDS.iter().find(|f| f.role == Role::Stored && f.path == &field.path[..1]);
            assert_eq!(whole.map(|f| f.kind), Some(Kind::Json), "{}", field.column);
        }
    }
}
