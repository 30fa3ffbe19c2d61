//! Search statements and the SQL they become.

use super::super::super::error::Level;
use super::super::super::parser;
use super::*;

fn lowered(statement: &str) -> Result<Condition, Vec<SlsError>> {
    lower(parser::parse(statement)?)
}

/// The SQL, with the texts of the whole event left out.
fn sql(statement: &str) -> String {
    match lowered(statement) {
        Ok(Condition { expr: Some(expr), .. }) => {
            let every = every_text().iter().map(|expr| format!(", {expr}")).collect::<String>();
            expr.to_string().replace(&every, ", …")
        }
        Ok(Condition { expr: None, .. }) => "-".to_owned(),
        Err(errors) => format!("! {}", errors[0]),
    }
}

#[test]
fn each_form_becomes_its_condition() {
    let topics = "coalesce(__topic__, 'actiontrail_audit_event') IN ('actiontrail_audit_event', 'actiontrail_event')";
    let known_topic =
        format!("sls_match_whole('actiontrail_event', coalesce(__topic__, 'actiontrail_audit_event')) OR ({topics})");
    for (statement, expected) in [
        ("", "-"),
        ("*", "-"),
        ("event.eventName: ConsoleSignin", "sls_match('ConsoleSignin', event_name)"),
        ("event.eventName:\"a b\"", "sls_match('a b', event_name)"),
        ("event.eventName:'a", "sls_match('''a', event_name)"),
        ("event.eventName:Delete*", "sls_match_wild('Delete*', event_name)"),
        ("event.eventName:\"Delete*\"", "sls_match('Delete*', event_name)"),
        ("event.userAgent:#\"a b\"", "sls_match_phrase('a b', user_agent)"),
        ("event.errorCode:*", "error_code <> ''"),
        ("event.errorCode:\"\"", "error_code = ''"),
        ("not event.errorCode:\"\"", "NOT coalesce(error_code = '', false)"),
        ("event.errorCode:NULL", "(error_code IS NULL) OR sls_match('NULL', error_code)"),
        ("event.isGlobal:true", "sls_match('true', CAST(is_global AS VARCHAR))"),
        ("event.isGlobal:*", "is_global IS NOT NULL"),
        ("event.eventTime:*", "event_time IS NOT NULL"),
        ("__time__ > 1500000000", "coalesce(__time__, to_unixtime(event_time)) > 1500000000"),
        ("__time__ : 15", "coalesce(__time__, to_unixtime(event_time)) = 15"),
        ("__time__: x", "! `__time__` is a number, and `x` is none"),
        ("__time__ > x", "! `__time__` is a number, and `x` is none"),
        (
            "event.requestParameters.Port in [20 25)",
            "(TRY_CAST(json_param(request_parameters, 'Port') AS DOUBLE) >= 20) AND \
             (TRY_CAST(json_param(request_parameters, 'Port') AS DOUBLE) < 25)",
        ),
        ("event.requestParameters.N = -5", "TRY_CAST(json_param(request_parameters, 'N') AS DOUBLE) = (-5)"),
        ("event.eventName > 5", "sls_match('event.eventName', …) AND sls_match('5', …)"),
        ("word", "sls_match('word', …)"),
        ("event:word", "sls_match('word', …)"),
        ("#\"two words\"", "sls_match_phrase('two words', …)"),
        ("__source__:192.0.2.*", "sls_match_whole('192.0.2.*', __source__)"),
        ("__source__:\"192.0.2.*\"", "lower(__source__) = '192.0.2.*'"),
        ("__topic__:actiontrail_event", &known_topic),
        ("__topic__:other", "sls_match_whole('other', coalesce(__topic__, 'actiontrail_audit_event'))"),
        ("__tag__:a:b", "sls_match_whole('b', json_as_text(__tags__, '__tag__:a'))"),
        ("not event.eventName: x", "NOT sls_match('x', event_name)"),
        ("not (event.errorCode:* or x)", "NOT coalesce((error_code <> '') OR sls_match('x', …), false)"),
        ("event.errorCode is null", "error_code IS NULL"),
        (
            "event.errorCode is not null and event.errorCode != ''",
            "(error_code IS NOT NULL) AND (NOT coalesce(error_code = '', false))",
        ),
        ("event.eventNmae: x", "! no field of events is named `event.eventNmae`"),
        (
            "event.eventName:a event.eventName:b event.eventName:c or event.eventName:d",
            "(sls_match('a', event_name) AND sls_match('b', event_name) AND sls_match('c', event_name)) \
             OR sls_match('d', event_name)",
        ),
    ] {
        assert_eq!(sql(statement), expected, "{statement}");
    }
}

#[test]
fn every_unknown_field_is_an_error_of_its_own() {
    let errors = lowered("event.eventNmae: x or foo:y").unwrap_err();
    let spans: Vec<(usize, usize)> = errors.iter().map(|error| (error.span.start, error.span.end)).collect();
    assert_eq!(spans, [(0, 15), (22, 25)]);
}

#[test]
fn what_differs_online_is_told() {
    for (statement, level, said) in [
        ("event.eventName:Delete*", Level::Note, "some hundred words"),
        ("event.eventName:*Disk", Level::Warning, "wildcard at the beginning"),
        ("not #\"a b\"", Level::Warning, "phrase behind `not`"),
        ("event.eventName:\"::\"", Level::Warning, "has no word"),
        ("event.eventName > 5", Level::Warning, "compares numbers"),
        ("\"\"", Level::Warning, "in every event"),
    ] {
        let notices = lowered(statement).unwrap().notices;
        assert!(
            notices.iter().any(|notice| notice.level == level && notice.message.contains(said)),
            "{statement}: {notices:?}"
        );
    }
}

#[test]
fn long_chains_make_shallow_trees() {
    let statement = vec!["event.eventName:x"; 2_000].join(" or ");
    let expr = lowered(&statement).unwrap().expr.unwrap();
    fn depth(expr: &Expr) -> usize {
        match expr {
            Expr::BinaryOp { left, right, .. } => 1 + depth(left).max(depth(right)),
            Expr::Nested(inner) => depth(inner),
            _ => 1,
        }
    }
    assert!(depth(&expr) <= 13, "{}", depth(&expr));
}
