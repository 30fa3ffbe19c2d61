//! The irregularities of real records, one named row each: what comes in, and what must be in which column, in `extra`,
//! or in the reject.

use trailql::event::field::{FieldId, by_column};
use trailql::event::record::Value as Cell;
use trailql::export::csv::CsvOptions;

use super::Read;

/// Columns that must have a value, or null where it is `None`.
type Columns = &'static [(&'static str, Option<&'static str>)];

enum Expect {
    /// Columns, and `extra` as it must be.
    Event(Columns, Option<&'static str>),
    /// A reject with this in its reason.
    Reject(&'static str),
}
use Expect::{Event, Reject};

const ROWS: &[(&str, &str, Expect)] = &[
    (
        "eventVersion as text",
        r#"{"eventId":"A-1","eventName":"x","eventVersion":"1"}"#,
        Event(&[("event_version", Some("1"))], Some(r#"{"eventVersion":"1"}"#)),
    ),
    (
        "eventVersion as a number",
        r#"{"eventId":"A-1","eventName":"x","eventVersion":1}"#,
        Event(&[("event_version", Some("1"))], None),
    ),
    (
        "an empty errorCode is no error",
        r#"{"eventId":"A-1","eventName":"x","errorCode":"","errorMessage":""}"#,
        Event(&[("outcome", Some("success")), ("error_code", Some(""))], None),
    ),
    (
        "the word null is no error",
        r#"{"eventId":"A-1","eventName":"x","errorCode":"null"}"#,
        Event(&[("outcome", Some("success"))], None),
    ),
    (
        "the word NULL is no error",
        r#"{"eventId":"A-1","eventName":"x","errorCode":"NULL"}"#,
        Event(&[("outcome", Some("success"))], None),
    ),
    (
        "null is no error",
        r#"{"eventId":"A-1","eventName":"x","errorCode":null}"#,
        Event(&[("outcome", Some("success")), ("error_code", None)], Some(r#"{"errorCode":null}"#)),
    ),
    (
        "a logon whose message is success",
        r#"{"eventId":"A-1","eventName":"ConsoleSignin","errorMessage":"success"}"#,
        Event(&[("outcome", Some("success"))], None),
    ),
    (
        "an errorCode in quotes",
        r#"{"eventId":"A-1","eventName":"x","errorCode":"\"NoPermission\""}"#,
        Event(&[("outcome", Some("denied"))], None),
    ),
    (
        "a numeric errorCode",
        r#"{"eventId":"A-1","eventName":"x","errorCode":202}"#,
        Event(&[("outcome", Some("error")), ("error_code", Some("202"))], Some(r#"{"errorCode":202}"#)),
    ),
    (
        "ids beyond 2^53",
        r#"{"eventId":"A-1","eventName":"x","userIdentity":{"principalId":123456789012345679}}"#,
        Event(
            &[("user_identity_principal_id", Some("123456789012345679"))],
            Some(r#"{"userIdentity":{"principalId":123456789012345679}}"#),
        ),
    ),
    (
        "an account of five digits",
        r#"{"eventId":"A-1","eventName":"x","recipientAccountId":"43274"}"#,
        Event(&[("account_id", Some("43274"))], None),
    ),
    (
        "a masked id is told apart by content",
        r#"{"eventId":"AE3B631D-****","eventName":"x"}"#,
        Event(&[("event_id", Some("AE3B631D-****"))], None),
    ),
    (
        "a masked number without quotes",
        r#"{"eventId":"A-1","eventName":"x","accountId": 175498693826****}"#,
        Reject("the JSON is broken"),
    ),
    ("a comma too many in an object", r#"{"eventId":"A-1","eventName":"x",}"#, Reject("trailing comma")),
    ("a comment", r#"{"eventId":"A-1", /* x */ "eventName":"x"}"#, Reject("the JSON is broken")),
    ("True as Python prints it", r#"{"eventId":"A-1","eventName":"x","isGlobal":True}"#, Reject("the JSON is broken")),
    (
        "sessionAttributes of 2015",
        r#"{"eventId":"A-1","eventName":"x","userIdentity":{"sessionContext":{"sessionAttributes":{"mfaAuthenticated":"true"}}}}"#,
        Event(
            &[("user_identity_session_context_attributes_mfa_authenticated", Some("true"))],
            Some(r#"{"userIdentity":{"sessionContext":{"sessionAttributes":{"mfaAuthenticated":"true"}}}}"#),
        ),
    ),
    (
        "PascalCase",
        r#"{"EventId":"A-1","EventName":"x","EventType":"ApiCall","UserIdentity":{"type":"root-account","accountId":"1"}}"#,
        Event(
            &[
                ("event_id", Some("A-1")),
                ("event_name", Some("x")),
                ("user_identity_type", Some("root-account")),
                ("account_id", Some("1")),
            ],
            Some(
                r#"{"EventId":"A-1","EventName":"x","EventType":"ApiCall","UserIdentity":{"type":"root-account","accountId":"1"}}"#,
            ),
        ),
    ),
    (
        "lower-case keys",
        r#"{"eventid":"A-1","eventname":"x","eventrw":"Write","useridentity":{"username":"root"}}"#,
        Event(
            &[("event_id", Some("A-1")), ("event_rw", Some("Write")), ("user_identity_user_name", Some("root"))],
            Some(r#"{"eventid":"A-1","eventname":"x","eventrw":"Write","useridentity":{"username":"root"}}"#),
        ),
    ),
    (
        "flattened lower-case keys fill their columns",
        r#"{"__time__":"1751852386","event":"null","event.eventid":"A-1","event.eventname":"ConsoleSignin","event.eventtime":"2025-07-07T01:39:09Z",
            "event.useridentity.type":"root-account","event.useridentity.accesskeyid":"null","event.errorcode":"null",
            "event.sourceipaddress":"203.0.113.9","event.additionaleventdata.mfaChecked":"true","event.requestparameters.name":"n"}"#,
        Event(
            &[
                ("event_id", Some("A-1")),
                ("event_name", Some("ConsoleSignin")),
                ("event_time", Some("1751852349000000")),
                ("user_identity_type", Some("root-account")),
                ("user_identity_access_key_id", None),
                ("error_code", None),
                ("source_ip_address", Some("203.0.113.9")),
                ("source_kind", Some("ipv4")),
                ("mfa_used", Some("true")),
                ("request_parameters", Some(r#"{"name":"n"}"#)),
                ("__time__", Some("1751852386")),
                ("outcome", Some("success")),
            ],
            None,
        ),
    ),
    (
        "addionalEventData",
        r#"{"eventId":"A-1","eventName":"x","addionalEventData":{"isMFAChecked":"true","loginAccount":"o@example.com"}}"#,
        Event(
            &[("mfa_used", Some("true")), ("additional_event_data_login_account", Some("o@example.com"))],
            Some(r#"{"addionalEventData":{"isMFAChecked":"true","loginAccount":"o@example.com"}}"#),
        ),
    ),
    (
        "both spellings of additionalEventData, in any order",
        r#"{"eventId":"A-1","eventName":"x","addionalEventData":{"isMFAChecked":"true","loginAccount":"b"},"additionalEventData":{"isMFAChecked":"false","loginAccount":"a"}}"#,
        Event(
            &[("mfa_used", Some("false")), ("additional_event_data_login_account", Some("a"))],
            Some(r#"{"addionalEventData":{"isMFAChecked":"true","loginAccount":"b"}}"#),
        ),
    ),
    (
        "addionalEventData, flattened and without the prefix",
        r#"{"event.eventId":"A-1","event.eventName":"x","addionalEventData.isMFAChecked":"true","addionalEventData.loginAccount":"o@example.com"}"#,
        Event(&[("mfa_used", Some("true")), ("additional_event_data_login_account", Some("o@example.com"))], None),
    ),
    (
        "dynamic keys of orders stay in their column",
        r#"{"eventId":"A-1","eventName":"Create","additionalEventData":{"orderIds":"1,2","1":{"resourceId":"i-1"},"2":{"resourceId":"i-2"}}}"#,
        Event(
            &[(
                "additional_event_data",
                Some(r#"{"orderIds":"1,2","1":{"resourceId":"i-1"},"2":{"resourceId":"i-2"}}"#),
            )],
            None,
        ),
    ),
    (
        "requestParameterJson broken by masking",
        r#"{"eventId":"A-1","eventName":"x","requestParameterJson":"{\"a\":1754****"}"#,
        Event(&[("request_parameter_json", Some(r#"{"a":1754****"#))], None),
    ),
    (
        "JSON in JSON in JSON",
        r#"{"event":"{\"__topic__\":\"t\",\"event\":\"{\\\"eventId\\\":\\\"A-1\\\",\\\"eventName\\\":\\\"x\\\",\\\"userIdentity\\\":\\\"{\\\\\\\"type\\\\\\\":\\\\\\\"system\\\\\\\"}\\\"}\"}"}"#,
        Event(
            &[("event_id", Some("A-1")), ("user_identity_type", Some("system")), ("__topic__", Some("t"))],
            Some(r#"{"userIdentity":"{\"type\":\"system\"}"}"#),
        ),
    ),
    (
        "an event that is a text of a text",
        r#"{"event":"\"{\\\"eventId\\\":\\\"A-1\\\",\\\"eventName\\\":\\\"x\\\"}\""}"#,
        Event(&[("event_id", Some("A-1"))], None),
    ),
    (
        "userIdentity as text",
        r#"{"eventId":"A-1","eventName":"x","userIdentity":"{\"type\":\"root-account\"}"}"#,
        Event(
            &[("user_identity_type", Some("root-account"))],
            Some(r#"{"userIdentity":"{\"type\":\"root-account\"}"}"#),
        ),
    ),
    (
        "a policy as text in the parameters",
        r#"{"eventId":"A-1","eventName":"CreatePolicy","requestParameters":{"PolicyDocument":"{\"Version\":\"1\"}"}}"#,
        Event(&[("request_parameters", Some(r#"{"PolicyDocument":"{\"Version\":\"1\"}"}"#))], None),
    ),
    (
        "IPv6",
        r#"{"eventId":"A-1","eventName":"x","sourceIpAddress":"2001:db8::1"}"#,
        Event(&[("source_kind", Some("ipv6"))], None),
    ),
    (
        "Internal",
        r#"{"eventId":"A-1","eventName":"x","sourceIpAddress":"Internal"}"#,
        Event(&[("source_kind", Some("internal"))], None),
    ),
    (
        "a masked address",
        r#"{"eventId":"A-1","eventName":"x","sourceIpAddress":"10.10.**.**"}"#,
        Event(&[("source_kind", Some("masked"))], None),
    ),
    (
        "names in Chinese, escaped",
        r#"{"eventId":"A-1","eventName":"x","userIdentity":{"userName":"\u4e2d\u6587"}}"#,
        Event(&[("user_identity_user_name", Some("中文"))], None),
    ),
    (
        "eventTime null",
        r#"{"eventId":"A-1","eventName":"x","eventTime":null}"#,
        Event(&[("event_time", None)], Some(r#"{"eventTime":null}"#)),
    ),
    (
        "__expanded of the console",
        r#"{"eventId":"A-1","eventName":"x","__expanded":true}"#,
        Event(&[], Some(r#"{"__expanded":true}"#)),
    ),
    (
        "an event of three keys",
        r#"{"Events":[{"eventId":"A-1","eventVersion":1,"eventName":"GetTemplate"}]}"#,
        Event(&[("event_name", Some("GetTemplate"))], None),
    ),
    (
        "Insight, second format, without eventName",
        r#"{"eventId":"A-1","eventType":"ActionTrailInsight","recipientAccountId":"1","insightDetails":{"insightType":"IpInsight","insightObject":"203.0.113.9","state":"Start"}}"#,
        Event(
            &[
                ("insight_details_insight_type", Some("IpInsight")),
                ("insight_details_insight_object", Some("203.0.113.9")),
                ("event_name", None),
                ("account_id", Some("1")),
            ],
            None,
        ),
    ),
    (
        "Insight, first format",
        r#"{"eventId":"A-1","recipient":"1","insightDetails":{"insightType":"IpInsight","sourceIpAddress":"203.0.113.9"},"userIdentity":{"type":"ram-user"}}"#,
        Event(&[("insight_details_source_ip_address", Some("203.0.113.9")), ("account_id", Some("1"))], None),
    ),
    (
        "a second event, and a topic that is no text, beside the event of an SLS record",
        r#"{"event":{"eventId":"A-1","eventName":"x"},"__topic__":null,"__source__":["s"],"event":"{\"eventId\":\"B-1\"}"}"#,
        Event(
            &[
                ("event_id", Some("A-1")),
                ("__topic__", None),
                ("__tags__", Some(r#"{"__topic__":null,"__source__":["s"],"event":"{\"eventId\":\"B-1\"}"}"#)),
            ],
            None,
        ),
    ),
    ("an SLS record whose event is null", r#"{"__time__":1,"event":null}"#, Reject("holds no event")),
    ("a Detail that is empty", r#"{"Detail":"","AccessKeyId":"x"}"#, Reject("not an ActionTrail event")),
    (
        "a duplicate key",
        r#"{"eventId":"A-1","eventName":"x","eventName":"y"}"#,
        Event(&[("event_name", Some("x"))], Some(r#"{"eventName":"x","eventName":"y"}"#)),
    ),
];

#[test]
fn irregular_records() {
    for (name, text, expect) in ROWS {
        let found = Read::of(&[("a.bin", text.as_bytes())], CsvOptions::default());
        let totals = found.outcome.totals;
        match expect {
            Reject(reason) => {
                assert_eq!((totals.read, totals.rejected), (1, 1), "{name}: {:?}", found.outcome);
                assert!(
                    found.outcome.rejects[0].reason.contains(reason),
                    "{name}: {}",
                    found.outcome.rejects[0].reason
                );
            }
            Event(columns, extra) => {
                assert_eq!((totals.read, totals.stored), (1, 1), "{name}: {:?}", found.outcome);
                found.each(|row| {
                    for (column, expected) in *columns {
                        let id = by_column(column).unwrap();
                        let cell = match row.value(id) {
                            Cell::Absent => None,
                            Cell::Text(text) => Some(text.to_string()),
                            Cell::Flag(flag) => Some(flag.to_string()),
                            Cell::Int(number) => Some(number.to_string()),
                        };
                        assert_eq!(cell.as_deref(), *expected, "{name}: {column}");
                    }
                    assert_eq!(row.text(FieldId::Extra), *extra, "{name}");
                });
            }
        }
    }
}

/// What is wrapped around events, with `…` where a broken record stands among two good ones.
const PAGES: &[(&str, &str)] = &[
    (
        "LookupEvents",
        r#"{"EndTime":"x","Events":[{"eventId":"A-1","eventName":"x"},…,{"eventId":"A-2","eventName":"x"}],"NextToken":""}"#,
    ),
    (
        "the answer of an SDK",
        r#"{"headers":{"date":"x"},"statusCode":200,"body":{"RequestId":"r","Events":[{"eventId":"A-1","eventName":"x"},…,{"eventId":"A-2","eventName":"x"}]}}"#,
    ),
    (
        "GetLogsV2",
        r#"{"meta":{"progress":"Complete"},"data":[{"event":"{\"eventId\":\"A-1\",\"eventName\":\"x\"}"},…,{"event":{"eventId":"A-2","eventName":"x"}}]}"#,
    ),
    (
        "GetLogsV2, keys in order",
        r#"{"data":[{"event":"{\"eventId\":\"A-1\",\"eventName\":\"x\"}"},…,{"event":{"eventId":"A-2","eventName":"x"}}],"meta":{"progress":"Complete"}}"#,
    ),
    (
        "PullLogs",
        r#"{"logGroupList":[{"LogItems":[{"Time":1,"Contents":[{"Key":"event","Value":"{\"eventId\":\"A-1\",\"eventName\":\"x\"}"}]},…],"Topic":"t"},{"LogItems":[{"Time":1,"Contents":[{"Key":"event","Value":"{\"eventId\":\"A-2\",\"eventName\":\"x\"}"}]}]}]}"#,
    ),
    (
        "an old answer of GetLogs",
        r#"{"progress":"Complete","count":3,"logs":[{"__time__":1,"contents":{"event":"{\"eventId\":\"A-1\",\"eventName\":\"x\"}"}},…,{"__time__":1,"contents":{"event":"{\"eventId\":\"A-2\",\"eventName\":\"x\"}"}}]}"#,
    ),
    (
        "a group of an SDK",
        r#"{"topic":"t","source":"s","tags":{},"logs":[{"@lh_time":1,"event":"{\"eventId\":\"A-1\",\"eventName\":\"x\"}"},…,{"@lh_time":1,"event":"{\"eventId\":\"A-2\",\"eventName\":\"x\"}"}]}"#,
    ),
    (
        "a file for PutLogs",
        r#"{"__tags__":{},"__logs__":[{"event":"{\"eventId\":\"A-1\",\"eventName\":\"x\"}"},…,{"event":"{\"eventId\":\"A-2\",\"eventName\":\"x\"}"}],"__topic__":""}"#,
    ),
    (
        "GetAccessKeyLastUsedProducts",
        r#"{"RequestId":"r","Products":[{"Detail":"{\"eventId\":\"A-1\",\"eventName\":\"x\"}"},…,{"Detail":"{\"eventId\":\"A-2\",\"eventName\":\"x\"}"}]}"#,
    ),
    (
        "pages in an array",
        r#"[{"Events":[{"eventId":"A-1","eventName":"x"},…]},{"Events":[{"eventId":"A-2","eventName":"x"}]}]"#,
    ),
    ("an array in a page", r#"{"Events":[[{"eventId":"A-1","eventName":"x"},…],[{"eventId":"A-2","eventName":"x"}]]}"#),
];

/// Records that are broken, and part of the reason.
const BROKEN: &[(&str, &str)] = &[
    (
        r#"{"eventId":"B-1","eventName":"x","requestParameters":{"Events":[{"a":1},{"b":2}]},"accountId":175498693826****}"#,
        "expected `,` or `}`",
    ),
    (r#"{"eventId":"B-1","eventName":"x",}"#, "trailing comma"),
    (
        "{\"eventId\":\"B-1\",\"errorMessage\":\"over\nlines\",\"requestParameters\":{\"Tag\":[{\"a\":1},{\"b\":2}]}}",
        "a line feed stands in a string",
    ),
];

#[test]
fn a_broken_record_does_not_take_its_page_with_it() {
    for (page, text) in PAGES {
        for (broken, reason) in BROKEN {
            let text = text.replace('…', broken);
            // Behind the page stands another one, so that it must be left where it ends.
            let text = format!("{text}\n{{\"Events\":[{{\"eventId\":\"A-3\",\"eventName\":\"x\"}}]}}\n");
            let found = Read::of(&[("a.bin", text.as_bytes())], CsvOptions::default());
            let totals = found.outcome.totals;
            assert_eq!(
                (totals.read, totals.stored, totals.rejected),
                (4, 3, 1),
                "{page}, {reason}: {:?}",
                found.outcome
            );
            assert_eq!(found.events().into_keys().collect::<Vec<_>>(), ["A-1", "A-2", "A-3"], "{page}, {reason}");
            let reject = &found.outcome.rejects[0];
            assert!(reject.reason.contains(reason), "{page}: {}", reject.reason);
            assert_eq!(reject.offset as usize, text.find(broken).unwrap(), "{page}, {reason}");
        }
    }
}

/// A page that is a text in another record has no place of its own; its records are told apart all the same.
#[test]
fn a_broken_record_does_not_take_a_page_with_it_that_is_a_text() {
    let page = r#"{"Events":[{"eventId":"A-1","eventName":"x"},{"eventId":17****},{"eventId":"A-2","eventName":"x"}]}"#;
    let text = format!("{{\"a\":1}}\n{}\n", serde_json::json!({"statusCode": 200, "body": page}));
    let found = Read::of(&[("a.bin", text.as_bytes())], CsvOptions::default());
    let totals = found.outcome.totals;
    assert_eq!((totals.read, totals.stored, totals.rejected), (4, 2, 2), "{:?}", found.outcome);
    let reject = &found.outcome.rejects[1];
    assert!(reject.offset == 8 && reject.reason.contains("the JSON is broken"), "{reject:?}");
}

/// Tables that were put together, and what stands before and between them.
#[test]
fn headers_in_the_middle_of_a_table_are_no_events() {
    let row = |id: &str| format!("{id},DescribeInstances,2026-11-03T10:00:00Z\n");
    let header = "eventId,eventName,eventTime\n";
    let turned = "note,eventTime,eventName,eventId\nx,2026-11-03T10:00:00Z,DescribeInstances,D\n";
    let quoted = "eventId,eventName,eventTime,note,note\nE,x,2026-11-03T10:00:00Z,first,second\n";
    for (text, ids, rejects) in [
        (format!("{header}{}{header}{}\u{feff}{header}{}", row("A"), row("B"), row("C")), "A B C", 0),
        (format!("{header}{}{turned}{header}{}", row("A"), row("B")), "A B D", 0),
        (format!("sep=,\n{header}{}sep=,\n{header}{}", row("A"), row("B")), "A B", 0),
        // A row that lost its header is no title.
        (format!("{}{header}{}", row("A"), row("B")), "B", 1),
        (quoted.to_owned(), "E", 0),
    ] {
        let found = Read::of(&[("a.csv", text.as_bytes())], CsvOptions::default());
        assert_eq!(found.outcome.totals.rejected, rejects, "{text}: {:?}", found.outcome.rejects);
        assert_eq!(found.events().into_keys().collect::<Vec<_>>().join(" "), ids, "{text}");
        if ids == "E" {
            let tags = found.rows("SELECT \"__tags__\" FROM events")[0]["__tags__"].clone();
            assert_eq!(tags, r#"{"note":"first","note_1":"second"}"#);
        }
    }
}

/// A page without events is read, and has none.
#[test]
fn empty_pages_have_no_events() {
    for text in [
        r#"{"EndTime":"x","Events":[],"StartTime":"y"}"#,
        "[]",
        "",
        r#"{"meta":{},"data":[]}"#,
        r#"{"logGroupList":[]}"#,
        "event\n",
        "eventId,eventName,eventTime\n",
    ] {
        let found = Read::of(&[("a", text.as_bytes())], CsvOptions::default()).outcome;
        assert_eq!((found.totals.read, found.not_exports.files), (0, 0), "{text}: {found:?}");
    }
}
