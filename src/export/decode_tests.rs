//! Decoding cases: the published samples, a corpus of nasty ones, and the way back for anything a generator makes up.

use super::*;
use crate::event::field::FieldId::*;
use crate::event::rebuild::rebuild;
use proptest::prelude::*;
use serde_json::Value as Json;

fn with_event<T>(text: &str, look: impl FnOnce(&Event<'_>) -> T) -> T {
    let members = Members::parse(text).unwrap();
    look(&decode(text, &members, FieldSet::ALL, None))
}

/// The event must come back equal but for key order and white space.
fn comes_back(text: &str) {
    let rebuilt = with_event(text, rebuild);
    let (before, after): (Json, Json) = (serde_json::from_str(text).unwrap(), serde_json::from_str(&rebuilt).unwrap());
    assert_eq!(after, before, "{rebuilt}");
}

/// Whichever field is asked for, it is filled as among all.
fn every_field_alone(text: &str) {
    let members = Members::parse(text).unwrap();
    let all = decode(text, &members, FieldSet::ALL, None);
    for id in FIELD_IDS.iter().copied() {
        let event = decode(text, &members, FieldSet::NONE.with(id), None);
        assert_eq!(event.value(id), all.value(id), "{}", id.column());
        let identity = decode(text, &members, FieldSet::NONE, None);
        assert_eq!(identity.value(ContentIdentity), all.value(ContentIdentity));
    }
}

fn texts(text: &str, ids: &[FieldId]) -> Vec<Option<String>> {
    with_event(text, |event| ids.iter().map(|id| event.text(*id).map(str::to_owned)).collect())
}

const ORDINARY: &str = r#"{"eventId":"AE3B631D-B6BE-5BFC-9F14-6BAA2683B0BA","eventVersion":1,"eventName":"RunInstances",
    "eventTime":"2026-11-03T01:39:09Z","eventRW":"Write","isGlobal":false,"requestParameters":{"Amount":1,"Tag.1.Key":"a"},
    "userIdentity":{"type":"ram-user","accountId":"1000000000000001","sessionContext":{"attributes":{"mfaAuthenticated":"true"}}}}"#;

#[test]
fn an_ordinary_event_needs_no_extra() {
    with_event(ORDINARY, |event| {
        assert_eq!(event.text(Extra), None);
        assert_eq!(event.text(ContentIdentity), None);
        assert_eq!(event.text(UserIdentityType), Some("ram-user"));
        assert_eq!(event.text(UserIdentitySessionContextAttributesMfaAuthenticated), Some("true"));
        assert_eq!(event.text(RequestParameters), Some(r#"{"Amount":1,"Tag.1.Key":"a"}"#));
        assert_eq!(event.int(EventTime), Some(1_793_669_949_000_000));
        assert_eq!(event.value(IsGlobal), &Value::Flag(false));
        assert_eq!(event.text(Outcome), Some("success"));
        assert_eq!(event.text(AccountId), Some("1000000000000001"));
    });
    comes_back(ORDINARY);
}

/// Each irregularity: the event, and what `extra` must hold so that nothing is lost.
#[test]
fn irregular_events_come_back() {
    for (text, extra) in [
        (r#"{"eventId":"A","eventVersion":"1","eventName":"x"}"#, Some(r#"{"eventVersion":"1"}"#)),
        (r#"{"eventId":"A","eventVersion":1,"eventName":"x"}"#, None),
        (r#"{"eventId":"A","eventVersion":"1.0","eventName":"x"}"#, None),
        (r#"{"eventId":"A","eventName":"x","errorCode":"","errorMessage":"null"}"#, None),
        (r#"{"eventId":"A","eventName":"x","errorCode":null}"#, Some(r#"{"errorCode":null}"#)),
        (r#"{"eventId":"A","eventName":"x","errorCode":202}"#, Some(r#"{"errorCode":202}"#)),
        (r#"{"EventId":"A","eventName":"x"}"#, Some(r#"{"EventId":"A"}"#)),
        (r#"{"eventId":"A","eventName":"x","extend":"2"}"#, Some(r#"{"extend":"2"}"#)),
        (r#"{"eventId":"A","eventName":"x","eventTime":null}"#, Some(r#"{"eventTime":null}"#)),
        (r#"{"eventId":"A","eventName":"x","eventTime":"soon"}"#, Some(r#"{"eventTime":"soon"}"#)),
        (
            r#"{"eventId":"A","eventName":"x","eventTime":"2026-11-03T09:00:00+08:00"}"#,
            Some(r#"{"eventTime":"2026-11-03T09:00:00+08:00"}"#),
        ),
        (r#"{"eventId":"A","eventName":"x","eventTime":"2026-11-03T09:00:00.125Z"}"#, None),
        (r#"{"eventId":"A","eventName":"x","isGlobal":"true"}"#, Some(r#"{"isGlobal":"true"}"#)),
        (r#"{"eventId":"A","eventName":"x","userIdentity":{}}"#, Some(r#"{"userIdentity":{}}"#)),
        (
            r#"{"eventId":"A","eventName":"x","userIdentity":{"type":"system","odd":1}}"#,
            Some(r#"{"userIdentity":{"type":"system","odd":1}}"#),
        ),
        (
            r#"{"eventId":"A","eventName":"x","userIdentity":"{\"type\":\"system\"}"}"#,
            Some(r#"{"userIdentity":"{\"type\":\"system\"}"}"#),
        ),
        (
            r#"{"eventId":"A","eventName":"x","userIdentity":{"accountId":123456789012345678}}"#,
            Some(r#"{"userIdentity":{"accountId":123456789012345678}}"#),
        ),
        (
            r#"{"eventId":"A","eventName":"x","requestParameters":null,"responseElements":"","referencedResources":[]}"#,
            None,
        ),
        (
            r#"{"eventId":"A","eventName":"x","requestParameters":"{\"a\":1}"}"#,
            Some(r#"{"requestParameters":"{\"a\":1}"}"#),
        ),
        (r#"{"eventId":"\ud800","eventName":"x"}"#, Some(r#"{"eventId":"\ud800"}"#)),
    ] {
        assert_eq!(texts(text, &[Extra])[0].as_deref(), extra, "{text}");
        if !text.contains("ud800") {
            comes_back(text);
        }
    }
}

#[test]
fn odd_forms_still_fill_their_columns() {
    for (text, id, expected) in [
        (r#"{"EventId":"A","eventName":"x"}"#, EventId, Some("A")),
        (r#"{"eventId":"A","userIdentity":"{\"type\":\"root-account\"}"}"#, UserIdentityType, Some("root-account")),
        (r#"{"eventId":"A","UserIdentity":{"Type":"ram-user"}}"#, UserIdentityType, Some("ram-user")),
        (
            r#"{"eventId":"A","userIdentity":{"accountId":123456789012345678}}"#,
            UserIdentityAccountId,
            Some("123456789012345678"),
        ),
        (r#"{"eventId":"A","requestParameters":"{\"a\":1}"}"#, RequestParameters, Some(r#"{"a":1}"#)),
        (
            r#"{"eventId":"A","insightDetails":{"insightType":"IpInsight"}}"#,
            InsightDetailsInsightType,
            Some("IpInsight"),
        ),
        (
            r#"{"eventId":"A","additionalEventData":{"loginAccount":"ops@example.com"}}"#,
            AdditionalEventDataLoginAccount,
            Some("ops@example.com"),
        ),
        (r#"{"eventId":"A","errorCode":202}"#, ErrorCode, Some("202")),
        ("{\"eventId\":\"A\",\"eventVersion\":{\n  \"a b\": 1 }}", EventVersion, Some(r#"{"a b":1}"#)),
        (r#"{"eventId":"A","recipient":"1000000000000001"}"#, AccountId, Some("1000000000000001")),
    ] {
        assert_eq!(texts(text, &[id])[0].as_deref(), expected, "{text}");
    }
}

#[test]
fn mfa_has_several_names() {
    for (data, expected) in [
        (r#""additionalEventData":{"isMFAChecked":"true"}"#, Value::Flag(true)),
        (r#""additionalEventData":{"mfaChecked":"false"}"#, Value::Flag(false)),
        (r#""additionalEventData":{"isMFAChecked":false}"#, Value::Flag(false)),
        (r#""addionalEventData":{"isMFAChecked":"true"}"#, Value::Flag(true)),
        (r#""additionalEventData":"{\"isMFAChecked\":\"true\"}""#, Value::Flag(true)),
        (r#""additionalEventData":{"loginAccount":"a"}"#, Value::Absent),
    ] {
        let text = format!("{{\"eventId\":\"A\",{data}}}");
        with_event(&text, |event| assert_eq!(event.value(MfaUsed), &expected, "{text}"));
        comes_back(&text);
    }
}

#[test]
fn masked_and_missing_ids_are_told_apart_by_content() {
    for (id, has_content_identity) in [("\"A-1\"", false), ("\"A-****\"", true), ("\"\"", true), ("null", true)] {
        let text = format!("{{\"eventId\":{id},\"eventName\":\"x\"}}");
        assert_eq!(texts(&text, &[ContentIdentity])[0].is_some(), has_content_identity, "{text}");
    }
}

#[test]
fn duplicate_keys_are_both_kept() {
    let text = r#"{"eventId":"A","eventName":"x","eventName":"y"}"#;
    assert_eq!(texts(text, &[Extra])[0].as_deref(), Some(r#"{"eventName":"x","eventName":"y"}"#));
}

fn json() -> impl Strategy<Value = Json> {
    let scalar = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        "[ -~\u{e9}\u{4e2d}]{0,10}".prop_map(Json::from),
        Just(Json::from("null")),
        Just(Json::from("{\"a\":1}")),
        Just(Json::from("2026-11-03T01:39:09Z")),
    ];
    scalar.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Json::from),
            proptest::collection::btree_map("[a-zA-Z.]{1,6}", inner, 0..3)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    let known: Vec<&str> = ROOT.children.iter().map(|child| child.key).collect();
    prop_oneof![
        6 => proptest::sample::select(known).prop_map(str::to_owned),
        1 => Just("UserIdentity".to_owned()),
        1 => Just("addionalEventData".to_owned()),
        1 => "[a-zA-Z_]{1,8}",
    ]
}

fn identity() -> impl Strategy<Value = Json> {
    let keys =
        proptest::sample::select(vec!["type", "principalId", "accountId", "accessKeyId", "sessionContext", "odd"]);
    proptest::collection::btree_map(keys.prop_map(str::to_owned), json(), 0..5)
        .prop_map(|map| Json::Object(map.into_iter().collect()))
}

proptest! {
    /// Whatever an event holds, it comes back from its columns.
    #[test]
    fn every_event_comes_back(
        members in proptest::collection::btree_map(key(), json(), 0..10),
        identity in proptest::option::of(identity()),
    ) {
        let mut event: serde_json::Map<String, Json> = members.into_iter().collect();
        if let Some(identity) = identity {
            event.insert("userIdentity".to_owned(), identity);
        }
        let text = serde_json::to_string(&event).unwrap();
        comes_back(&text);
        every_field_alone(&text);
    }
}

/// Each case: the value that came, the field, its value there, and the columns `normalised` and `unread`.
#[test]
fn values_are_respelt_once_and_what_cannot_be_read_is_named() {
    let time = "1793667600000000";
    for (member, id, expected, normalised, unread) in [
        (r#""eventTime":"2026-11-03T10:00:00+0900""#, EventTime, Some(time), "eventTime", ""),
        (r#""eventTime":1793667600"#, EventTime, Some(time), "eventTime", ""),
        (r#""eventTime":1793667600000.0"#, EventTime, Some(time), "eventTime", ""),
        (r#""eventTime":"2026-11-03 01:00:00""#, EventTime, None, "", "eventTime"),
        (r#""eventTime":null"#, EventTime, None, "", "eventTime"),
        (r#""userIdentity":{"type":"Root-Account"}"#, UserIdentityType, Some("root-account"), "userIdentity.type", ""),
        (r#""userIdentity":"Root-Account""#, UserIdentityType, Some("root-account"), "userIdentity.type", ""),
        (r#""userIdentity":"{type=root-account, accountId=7}""#, UserIdentityType, Some("root-account"), "", ""),
        (r#""userIdentity":"{'type': 'root-account'}""#, UserIdentityType, Some("root-account"), "", ""),
        (r#""userIdentity":"somebody""#, UserIdentityType, None, "", "userIdentity.type"),
        (r#""userIdentity":["root-account"]"#, UserIdentityType, None, "", "userIdentity.type"),
        (r#""userIdentity":"null""#, UserIdentityType, None, "", ""),
        (
            r#""userIdentity":{"accessKeyId":"LTAI5t\n"}"#,
            UserIdentityAccessKeyId,
            Some("LTAI5t"),
            "userIdentity.accessKeyId",
            "",
        ),
        (r#""userIdentity":{"accessKeyId":"none"}"#, UserIdentityAccessKeyId, None, "userIdentity.accessKeyId", ""),
        (r#""userIdentity":{"accessKeyId":""}"#, UserIdentityAccessKeyId, None, "", ""),
        (r#""userIdentity":{"accountId":"1.23457E+15"}"#, AccountId, None, "", "userIdentity.accountId"),
        (
            r#""userIdentity":{"accountId":1.5e15},"recipientAccountId":"7""#,
            AccountId,
            Some("7"),
            "",
            "userIdentity.accountId",
        ),
        (r#""userIdentity":{"accountId":1000000000000001}"#, AccountId, Some("1000000000000001"), "", ""),
        (r#""eventName":"consolesignin","errorMessage":"no""#, Outcome, Some("error"), "eventName", ""),
    ] {
        let with_time = if member.contains("eventTime") { "" } else { r#""eventTime":"2026-11-03T01:00:00Z","# };
        let text = format!(r#"{{"eventId":"A",{with_time}{member}}}"#);
        with_event(&text, |event| {
            let found = event.int(id).map(|number| number.to_string()).or(event.text(id).map(str::to_owned));
            assert_eq!(found.as_deref(), expected, "{text}");
            assert_eq!(event.text(Normalised).unwrap_or_default(), normalised, "{text}");
            assert_eq!(event.text(Unread).unwrap_or_default(), unread, "{text}");
        });
        comes_back(&text);
        every_field_alone(&text);
    }
}

#[test]
fn a_time_without_a_zone_is_read_in_the_zone_that_is_given() {
    let text = r#"{"eventId":"A","eventTime":"2026-11-03 10:00:00"}"#;
    let members = Members::parse(text).unwrap();
    let event = decode(text, &members, FieldSet::ALL, Some("Asia/Tokyo".parse().unwrap()));
    assert_eq!(event.int(EventTime), Some(1_793_667_600_000_000));
    assert_eq!((event.text(Unread), event.text(Normalised)), (None, Some("eventTime")));
    assert_eq!(event.text(Extra), Some(r#"{"eventTime":"2026-11-03 10:00:00"}"#));
}

#[test]
fn the_copy_with_more_members_is_more_complete() {
    let count = |members: &str| {
        let text = format!(r#"{{"eventId":"A","eventTime":"2026-11-03T01:00:00Z"{members}}}"#);
        with_event(&text, |event| event.int(Completeness).unwrap())
    };
    let base = count("");
    for (members, more) in [
        (r#","eventName":"x""#, 1),
        (r#","EventName":"x""#, 1),
        (r#","eventName":null"#, 0),
        (r#","eventName":"""#, 0),
        (r#","errorCode":"NULL""#, 0),
        (r#","somethingElse":"x""#, 0),
        (r#","userIdentity":{"type":"system","userName":"x","odd":1}"#, 3),
        (r#","requestParameters":{"a":1}"#, 1),
        (r#","requestParameterJson":"{\"a\":1}""#, 1),
        (r#","requestParameters":{"a":1},"requestParameterJson":"{\"a\":1}""#, 1),
    ] {
        assert_eq!(count(members) - base, more, "{members}");
    }
}
