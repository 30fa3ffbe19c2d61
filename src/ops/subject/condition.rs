//! The events of a value, by its kind, as conditions on the columns of `events`.
//!
//! Conditions are fixed texts with parameters. Those on ids are equalities on the stored column, so that bloom filters
//! of files are asked. Names of users and roles are compared in small letters, since exports differ in their case.

use super::shape::{Address, address};
use super::{Kind, Subject};
use crate::engine::Param;
use std::fmt::Write;

/// A column that may hold a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The column.
    pub column: &'static str,
    /// The condition that it does.
    pub sql: &'static str,
}

const fn place(column: &'static str, sql: &'static str) -> Place {
    Place { column, sql }
}

/// The events of a value as one kind.
#[derive(Debug, Clone)]
pub struct Condition {
    places: &'static [Place],
    own: String,
    named: Vec<String>,
    params: Vec<(&'static str, Param)>,
}

/// Spellings of one address that are asked for.
const SPELLINGS: usize = 6;

const IP: &[Place] = &[place("source_ip_address", "source_ip_address IN ($v0, $v1, $v2, $v3, $v4, $v5)")];
const NETWORK: &[Place] = &[place("source_ip_address", "in_cidr(source_ip_address, $v)")];
const KEY: &[Place] = &[place("user_identity_access_key_id", "user_identity_access_key_id = $v")];
const PRINCIPAL: &[Place] = &[place(
    "user_identity_principal_id",
    "(user_identity_principal_id = $v OR starts_with(user_identity_principal_id, $v_colon))",
)];
const USER: &[Place] = &[
    place(
        "user_identity_user_name",
        "((user_identity_type IS DISTINCT FROM 'assumed-role') AND (lower(user_identity_user_name) = $lower \
         OR starts_with(lower(user_identity_user_name), $lower_at)))",
    ),
    place("additional_event_data_login_account", "lower(additional_event_data_login_account) = $lower"),
];
const ROLE: &[Place] = &[place(
    "user_identity_user_name",
    "(user_identity_type = 'assumed-role' AND (lower(user_identity_user_name) = $lower \
     OR starts_with(lower(user_identity_user_name), $lower_colon)))",
)];
const ACCOUNT: &[Place] =
    &[place("account_id", "account_id = $v"), place("recipient_account_id", "recipient_account_id = $v")];
const EVENT: &[Place] = &[place("event_id", "event_id IN ($v, $upper, $lower)")];
const REQUEST: &[Place] = &[place("request_id", "request_id IN ($v, $upper, $lower)")];
const HOST: &[Place] = &[
    place("source_ip_address", "source_ip_address IN ($v, $lower)"),
    place("user_identity_user_name", "user_identity_user_name IN ($v, $lower)"),
    place("user_agent", "user_agent IN ($v, $lower)"),
    place(
        "event_source",
        "(lower(event_source) = $lower OR starts_with(lower(event_source), $http) \
         OR starts_with(lower(event_source), $https))",
    ),
];
const RESOURCE: &[Place] = &[
    place("resource_name", "regexp_like(resource_name, $whole)"),
    place("referenced_resources", "regexp_like(referenced_resources, $whole)"),
    place("request_parameters", "regexp_like(request_parameters, $whole)"),
    place("request_parameter_json", "(request_parameters IS NULL AND regexp_like(request_parameter_json, $whole))"),
    place("response_elements", "regexp_like(response_elements, $whole)"),
];

/// Events that list a resource.
const LISTED: &str = "(regexp_like(resource_name, $whole) OR regexp_like(referenced_resources, $whole))";

/// Insight events about an address or a key.
const INSIGHT: &str = "event_type = 'ActionTrailInsight' AND insight_details_insight_object = $v";
const INSIGHT_ON_IP: &str = "event_type = 'ActionTrailInsight' \
     AND (insight_details_insight_object IN ($v0, $v1) OR insight_details_source_ip_address IN ($v0, $v1))";
const INSIGHT_ON_NETWORK: &str = "event_type = 'ActionTrailInsight' \
     AND (in_cidr(insight_details_insight_object, $v) OR in_cidr(insight_details_source_ip_address, $v))";

/// Calls that may open something to an address.
const ON_IP: &str = "(event_type IS DISTINCT FROM 'ActionTrailInsight') AND regexp_like(request_parameters, $whole)";

/// Calls on an AccessKey.
const ON_KEY: &str = "lower(service_name) IN ('ram', 'ims', 'sts') \
     AND (event_type IS DISTINCT FROM 'ActionTrailInsight') \
     AND (regexp_like(resource_name, $whole) OR regexp_like({parameters}, $whole) \
     OR regexp_like(response_elements, $whole))";

/// Calls on a user, by any of the parameters that services name users by.
const ON_USER: &str = "lower(service_name) IN ('ram', 'ims', 'resourcemanager') \
     AND (lower(split_part({UserName}, '@', 1)) = $local \
     OR lower(split_part({UserPrincipalName}, '@', 1)) = $local \
     OR lower(split_part({PrincipalName}, '@', 1)) = $local \
     OR lower(split_part({NewUserName}, '@', 1)) = $local)";

/// Calls on a user whose name has a domain: another domain is another user. Some services leave it out.
const ON_USER_OF_DOMAIN: &str = "lower(service_name) IN ('ram', 'ims', 'resourcemanager') \
     AND (lower({UserName}) IN ($lower, $local) \
     OR lower({UserPrincipalName}) IN ($lower, $local) \
     OR lower({PrincipalName}) IN ($lower, $local) \
     OR lower({NewUserName}) IN ($lower, $local))";

/// Calls on a role, and those that open a session of it.
const ON_ROLE: &str = "lower(service_name) IN ('ram', 'ims', 'sts', 'resourcemanager') \
     AND (lower({RoleName}) = $lower \
     OR ends_with(lower({RoleArn}), $slash_lower) \
     OR lower(split_part({PrincipalName}, '@', 1)) = $lower)";

/// Calls of other accounts that trust an account, or act in its name.
const ON_ACCOUNT: &str = "lower(service_name) IN ('ram', 'ims', 'sts', 'resourcemanager') \
     AND (account_id IS DISTINCT FROM $v) AND regexp_like({parameters}, $whole)";

/// The parameters of a call, which some exports have as one text alone.
const PARAMETERS: &str = "coalesce(request_parameters, request_parameter_json)";

/// Parameters that name a user or a role; conditions have their names in braces.
const NAMES: [&str; 6] = ["UserName", "UserPrincipalName", "PrincipalName", "NewUserName", "RoleName", "RoleArn"];

const OF_ACCOUNT: &str = " AND (account_id = $account OR recipient_account_id = $account)";

impl Condition {
    pub(super) fn new(subject: &Subject, kind: Kind) -> Self {
        let text = subject.text();
        let (address, lower) = (address(text), text.to_lowercase());
        let is_network = matches!(address, Some(Address::Network(_)));
        let (places, named): (&[Place], &[&str]) = match kind {
            Kind::Ip if is_network => (NETWORK, &[INSIGHT_ON_NETWORK]),
            // Parameters have words such as `Internal` in other meanings.
            Kind::Ip if matches!(address, Some(Address::Word(_))) => (IP, &[INSIGHT_ON_IP]),
            Kind::Ip => (IP, &[ON_IP, INSIGHT_ON_IP]),
            Kind::Key => (KEY, &[ON_KEY, INSIGHT]),
            Kind::Principal => (PRINCIPAL, &[]),
            Kind::User if text.contains('@') => (USER, &[ON_USER_OF_DOMAIN]),
            Kind::User => (USER, &[ON_USER]),
            Kind::Role => (ROLE, &[ON_ROLE]),
            Kind::Account => (ACCOUNT, &[ON_ACCOUNT]),
            Kind::Event => (EVENT, &[]),
            Kind::Request => (REQUEST, &[]),
            Kind::Resource => (RESOURCE, &[]),
            Kind::Host => (HOST, &[]),
        };
        let all: Vec<&str> = places.iter().map(|place| place.sql).collect();
        let all = if let [one] = all[..] { one.to_owned() } else { format!("({})", all.join(" OR ")) };
        let limited = |sql: &str| {
            let of_account = if subject.account().is_some() { OF_ACCOUNT } else { "" };
            // Each column has a call of its own: in one call for both, secrets would be searched for in every text.
            let with_names = NAMES.iter().fold(sql.replace("{parameters}", PARAMETERS), |sql, name| {
                let one = |column| format!("json_param({column}, '{name}')");
                let both = format!("coalesce({}, {})", one("request_parameters"), one("request_parameter_json"));
                sql.replace(&format!("{{{name}}}"), &both)
            });
            format!("{with_names}{of_account}")
        };
        let text_of = |name, value: String| (name, Param::Text(value));
        let mut params = vec![
            text_of("v", text.to_owned()),
            text_of("lower", lower.clone()),
            text_of("upper", text.to_uppercase()),
            text_of("v_colon", format!("{text}:")),
            text_of("lower_colon", format!("{lower}:")),
            // A RAM user has one name at a logon and another in a call.
            text_of("lower_at", if text.contains('@') { lower.clone() } else { format!("{lower}@") }),
            text_of("local", lower.split('@').next().unwrap_or_default().to_owned()),
            text_of("slash_lower", format!("/{lower}")),
            text_of("http", format!("http://{lower}/")),
            text_of("https", format!("https://{lower}/")),
            text_of("whole", whole(text)),
            text_of("account", subject.account().unwrap_or_default().to_owned()),
        ];
        let spellings = match address {
            Some(Address::One(spellings) | Address::Word(spellings)) => spellings,
            Some(Address::Network(_)) | None => vec![text.to_owned()],
        };
        let spelling = |at: usize| spellings.get(at).or(spellings.first()).cloned().unwrap_or_default();
        const SPELLED: [&str; SPELLINGS] = ["v0", "v1", "v2", "v3", "v4", "v5"];
        params.extend(SPELLED.into_iter().enumerate().map(|(at, name)| text_of(name, spelling(at))));
        Self { places, own: limited(&all), named: named.iter().map(|sql| limited(sql)).collect(), params }
    }

    /// Returns the columns that may hold the value.
    pub fn places(&self) -> &'static [Place] {
        self.places
    }

    /// Returns the condition of the events that have the value.
    pub fn own(&self) -> &str {
        &self.own
    }

    /// Returns the condition of the events that list a resource.
    pub fn listed(&self) -> &'static str {
        LISTED
    }

    /// Returns the conditions of events that name it, such as calls on a user. No event meets two of them.
    pub fn named(&self) -> &[String] {
        &self.named
    }

    /// Returns the values of the parameters of all of these.
    pub fn params(&self) -> Vec<(&'static str, Param)> {
        self.params.clone()
    }
}

/// A regular expression that finds a value as a whole: in a list of ids, and in JSON, where some of its characters may
/// be escaped.
pub(super) fn whole(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    let json = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    let mut spellings = vec![text.to_owned(), json.to_owned(), ascii(json)];
    spellings.dedup();
    let escaped: Vec<String> = spellings.iter().map(|spelling| regex::escape(spelling)).collect();
    format!("(?:^|[^A-Za-z0-9_.-])(?:{})(?:$|[^A-Za-z0-9_.-])", escaped.join("|"))
}

/// Writes a text in JSON with ASCII alone, as some programs do.
fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            // Writing to a String cannot fail.
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::Regex;

    #[test]
    fn values_are_found_as_a_whole() {
        for (value, text, found) in [
            ("i-1", "i-1,i-2;img-1", true),
            ("i-2", "i-1,i-2;img-1", true),
            ("img-1", "i-1,i-2;img-1", true),
            ("i-1", "i-12", false),
            ("i-1", "i-1", true),
            ("1", "i-1", false),
            ("backup", "customer-backup", false),
            ("i-1", r#"{"InstanceId":"i-1"}"#, true),
            ("i-1", r#"{"InstanceIds":"[\"i-1\"]"}"#, true),
            ("i-1", "acs:ecs:cn-hangzhou:1:instance/i-1", true),
            ("a\"b", r#"{"Name":"a\"b"}"#, true),
            ("サポート", r#"{"Name":"\u30b5\u30dd\u30fc\u30c8"}"#, true),
            ("サポート", r#"{"Name":"サポート"}"#, true),
            ("x.*", "xyz", false),
        ] {
            assert_eq!(Regex::new(&whole(value)).unwrap().is_match(text), found, "{value} in {text}");
        }
    }
}
