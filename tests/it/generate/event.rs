//! One event: a draft with named fields, and the finished JSON in the key order of real exports.

use chrono::{DateTime, SecondsFormat, Utc};

use super::identity::Caller;
use super::json::{Json, Object, members};
use super::random::Random;

/// How `eventVersion` is written: OSS objects and LookupEvents hold a number, SLS records a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    Number,
    Text,
}

/// A finished event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub id: String,
    pub time: DateTime<Utc>,
    pub region: String,
    members: Object,
}

impl Event {
    /// The event as JSON, with `eventVersion` as the route of delivery writes it.
    pub fn json(&self, version: Version) -> Json {
        let mut members = self.members.clone();
        for (key, value) in &mut members {
            if key == "eventVersion" {
                *value = match version {
                    Version::Number => Json::Int(1),
                    Version::Text => Json::from("1"),
                };
            }
        }
        Json::Object(members)
    }
}

/// The kinds of error text that stand for "no error" in real exports, beside leaving the field out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoError {
    Missing,
    Empty,
    Null,
    WordNull,
}

/// An event in the making: every field by name, `None` where the export leaves it out.
#[derive(Debug, Clone)]
pub struct Draft {
    pub id: String,
    pub request_id: String,
    pub time: DateTime<Utc>,
    pub name: String,
    pub event_type: String,
    pub rw: Option<&'static str>,
    pub category: Option<&'static str>,
    pub source: String,
    pub service: String,
    pub region: String,
    pub api_version: Option<String>,
    pub parameters: Option<Json>,
    pub parameter_json: bool,
    pub response: Option<Json>,
    pub resources: Vec<(String, Vec<String>)>,
    pub error_code: Option<Json>,
    pub error_message: Option<Json>,
    pub ip: Option<String>,
    pub agent: Option<String>,
    pub identity: Object,
    pub additional: Object,
    pub attributes: Object,
    pub is_global: Option<bool>,
    pub recipient: Option<String>,
    pub vpc_id: Option<String>,
}

impl Draft {
    /// An event of `caller` with the fields that every event has; the rest is left out until it is set.
    pub fn new(random: &mut Random, time: DateTime<Utc>, caller: &Caller, name: &str) -> Self {
        let id = random.guid();
        Self {
            request_id: id.clone(),
            id,
            time,
            name: name.to_owned(),
            event_type: "ApiCall".to_owned(),
            rw: None,
            category: Some("Management"),
            source: String::new(),
            service: String::new(),
            region: "cn-hangzhou".to_owned(),
            api_version: None,
            parameters: None,
            parameter_json: false,
            response: None,
            resources: Vec::new(),
            error_code: None,
            error_message: None,
            ip: caller.ip.clone(),
            agent: caller.agent.clone(),
            identity: caller.identity(),
            additional: Vec::new(),
            attributes: Vec::new(),
            is_global: Some(false),
            recipient: Some(caller.account.clone()),
            vpc_id: None,
        }
    }

    /// Makes the call a refused one; it then answers nothing and touches nothing.
    pub fn refused(mut self, code: &str, message: &str) -> Self {
        self.error_code = Some(Json::from(code));
        self.error_message = Some(Json::from(message));
        self.response = None;
        self
    }

    /// Writes "no error" in one of the ways that occur.
    pub fn without_error(mut self, way: NoError) -> Self {
        let value = match way {
            NoError::Missing => None,
            NoError::Empty => Some(Json::from("")),
            NoError::Null => Some(Json::Null),
            NoError::WordNull => Some(Json::from("NULL")),
        };
        self.error_message.clone_from(&value);
        self.error_code = value;
        self
    }

    /// Sets one request parameter (and makes the object if there is none).
    pub fn parameter(mut self, key: &str, value: impl Into<Json>) -> Self {
        let mut parameters = match self.parameters.take() {
            Some(Json::Object(members)) => members,
            _ => Vec::new(),
        };
        parameters.push((key.to_owned(), value.into()));
        self.parameters = Some(Json::Object(parameters));
        self
    }

    /// Names a resource that the event touches.
    pub fn resource(mut self, kind: &str, id: impl Into<String>) -> Self {
        let id = id.into();
        match self.resources.iter_mut().find(|(known, _)| known == kind) {
            Some((_, ids)) => ids.push(id),
            None => self.resources.push((kind.to_owned(), vec![id])),
        }
        self
    }

    /// The event with its keys in the order in which exports have them.
    pub fn finish(self) -> Event {
        let mut out = members! { "eventId": &self.id, "eventVersion": 1 };
        let mut put = |key: &str, value: Option<Json>| {
            if let Some(value) = value {
                out.push((key.to_owned(), value));
            }
        };
        let parameter_text = match (&self.parameters, self.parameter_json) {
            (Some(parameters), true) => Some(Json::from(parameters.compact())),
            _ => None,
        };
        let joined = |pick: fn(&(String, Vec<String>)) -> String| -> Option<Json> {
            let text: Vec<_> = self.resources.iter().map(pick).collect();
            (!text.is_empty()).then(|| Json::from(text.join(";")))
        };
        let referenced = |(kind, ids): &(String, Vec<String>)| (kind.clone(), Json::from(ids.as_slice()));
        let filled = |members: Object| (!members.is_empty()).then_some(Json::Object(members));

        put("responseElements", self.response);
        put("eventSource", Some(Json::from(self.source)));
        put("requestParameters", self.parameters);
        put("requestParameterJson", parameter_text);
        put("sourceIpAddress", self.ip.map(Json::from));
        put("userAgent", self.agent.map(Json::from));
        put("eventRW", self.rw.map(Json::from));
        put("eventType", Some(Json::from(self.event_type)));
        put("eventCategory", self.category.map(Json::from));
        put("referencedResources", filled(self.resources.iter().map(referenced).collect()));
        put("resourceType", joined(|(kind, _)| kind.clone()));
        put("resourceName", joined(|(_, ids)| ids.join(",")));
        put("userIdentity", Some(Json::Object(self.identity)));
        put("serviceName", Some(Json::from(self.service)));
        put("additionalEventData", filled(self.additional));
        put("eventAttributes", filled(self.attributes));
        put("errorCode", self.error_code);
        put("errorMessage", self.error_message);
        put("apiVersion", self.api_version.map(Json::from));
        put("requestId", Some(Json::from(self.request_id)));
        put("eventTime", Some(Json::from(utc(self.time))));
        put("isGlobal", self.is_global.map(Json::from));
        put("acsRegion", Some(Json::from(&self.region)));
        put("eventName", Some(Json::from(self.name)));
        put("recipientAccountId", self.recipient.map(Json::from));
        put("vpcId", self.vpc_id.map(Json::from));
        Event { id: self.id, time: self.time, region: self.region, members: out }
    }
}

/// A time as events write it: UTC, whole seconds.
pub fn utc(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
