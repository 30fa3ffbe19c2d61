//! Search statements and the trees they are read as.

use super::*;
use proptest::prelude::*;

/// The tree as a statement, in which every form is written in one way.
fn printed(text: &str) -> String {
    match parse(text) {
        Ok(Search { condition: Some(node), .. }) => node.to_string(),
        Ok(Search { condition: None, .. }) => "(none)".to_owned(),
        Err(errors) => {
            errors.iter().map(|error| format!("! {} @{}", error, error.span.start)).collect::<Vec<_>>().join("; ")
        }
    }
}

/// A tree without places.
fn without_places(mut node: Node) -> Node {
    fn clear(node: &mut Node) {
        node.span = Span::default();
        match &mut node.kind {
            NodeKind::All => {}
            NodeKind::And(nodes) | NodeKind::Or(nodes) => nodes.iter_mut().for_each(clear),
            NodeKind::Not(node) => clear(node),
            NodeKind::Words(text) => text.span = Span::default(),
            NodeKind::Field(name, test) => {
                name.span = Span::default();
                if let Test::Has(text) | Test::HasNot(text) | Test::Compare(_, text) = test {
                    text.span = Span::default();
                }
            }
        }
    }
    clear(&mut node);
    node
}

#[test]
fn statements_are_read_by_the_grammar() {
    for (text, expected) in [
        ("", "(none)"),
        ("  ", "(none)"),
        ("*", "*"),
        ("GET 200 cn-shanghai", "GET and 200 and cn-shanghai"),
        ("a or b and c", "a or (b and c)"),
        ("a or b c", "a or (b and c)"),
        ("(a or b) c", "(a or b) and c"),
        ("a AND b Or NOT c", "(a and b) or not c"),
        ("x not y", "x and not y"),
        ("not a and b", "not a and b"),
        ("not (a b)", "not (a and b)"),
        ("not not a", "not not a"),
        ("((a))", "a"),
        ("event.userIdentity.type: root-account", "event.userIdentity.type:root-account"),
        ("\"event.eventCategory\" :Management", "event.eventCategory:Management"),
        ("\"request method\":PUT", "\"request method\":PUT"),
        ("\"and\":x", "\"and\":x"),
        ("not 城市:上海", "not 城市:上海"),
        ("request_uri:/request/path-2", "request_uri:/request/path-2"),
        ("a:b:c=d<e>[f]", "a:b:c=d<e>[f]"),
        ("(a:b)", "a:b"),
        (r#"instance_id:nginx\"01\""#, r#"instance_id:nginx\"01\""#),
        (r#"k:"a \"b\" c""#, r#"k:"a \"b\" c""#),
        (r#"k:"a\b""#, r#"k:"a\b""#),
        (r##"#"abc def" k:#"x y""##, r##"#"abc def" and k:#"x y""##),
        ("cn*", "cn*"),
        ("\"cn*\"", "\"cn*\""),
        ("k:*", "k:*"),
        ("k:\"\"", "k:\"\""),
        ("status>200", "status > 200"),
        ("status >= 200 and status <300", "status >= 200 and status < 300"),
        ("status=200", "status = 200"),
        ("owner_id>abc", "owner_id > abc"),
        ("Status in [200 500)", "Status in [200 500)"),
        ("Status in (200,500]", "Status in (200 500]"),
        ("Status in (200 , -5.5]", "Status in (200 -5.5]"),
        ("a in b", "a and in and b"),
        ("__topic__:x", "__topic__:x"),
        ("__tag__:__client_ip__:192.0.2.1", "__tag__:__client_ip__:192.0.2.1"),
        ("\"__tag__:__client_ip__\":192.0.2.1", "__tag__:__client_ip__:192.0.2.1"),
        ("__tag__:\"a b\":c", "__tag__:\"a b\":c"),
        (
            "info.usedTime > 60 not info.param.projectName : project01",
            "info.usedTime > 60 and not info.param.projectName:project01",
        ),
        ("k is not NULL and k != ''", "k is not null and k != \"\""),
        ("k!='x' or k IS null", "k != \"x\" or k is null"),
        ("k is nullable", "k and is and nullable"),
        ("k is null:5", "k and is and null:5"),
        ("a\u{a0}b\u{3000}c", "a and b and c"),
        ("a\nor\tb", "a or b"),
        ("__tag__:a b", "! a tag has a name and a value @0"),
        ("__tag__", "__tag__"),
        ("\"__tag__\":a", "\"__tag__\":a"),
        ("\"a", "! a double quote is not closed @0"),
        ("a:", "! a value is missing behind `:` @1"),
        ("a: and b", "! a value is missing behind `:` @1"),
        (": b", "! `:` is not expected here @0"),
        ("(a", "! a parenthesis is not closed @0"),
        ("a)", "! a closing parenthesis has no opening one @1"),
        ("()", "! the parentheses hold no condition @0"),
        ("a or", "! a condition is missing @4"),
        ("or a", "! a condition is missing before `or` @0"),
        ("not", "! a condition is missing @3"),
        ("a and or b", "! a condition is missing before `or` @6"),
        ("[a]", "! `[` is not expected here @0"),
        ("a IN [1 2]", "! `IN` is not an operator @2"),
        ("a in [1]", "! a range is two numbers with a space between @5"),
        ("a in [x y]", "! a range is two numbers with a space between @5"),
        ("a:(b or c)", "! `(` cannot stand in a value without quotes @2"),
        ("a:b\"c\"", "! `\"` cannot stand in a value without quotes @3"),
        ("a: b:${x}", "! the statement has a placeholder: `${x}` @5"),
        (
            "a:) or :b or c:",
            "! a value is missing behind `:` @1; ! a closing parenthesis has no opening one @2; ! a condition is missing before `or` @4; ! `:` is not expected here @7; ! a value is missing behind `:` @14",
        ),
    ] {
        assert_eq!(printed(text), expected, "{text}");
    }
}

#[test]
fn places_are_those_of_the_parts() {
    let text = "城市 (event.eventName : \"a b\")  not x";
    let Some(Node { kind: NodeKind::And(nodes), span }) = parse(text).unwrap().condition else { panic!("{text}") };
    let part = |span: Span| &text[span.range_in(text)];
    assert_eq!(part(span), text);
    let parts: Vec<&str> = nodes.iter().map(|node| part(node.span)).collect();
    assert_eq!(parts, ["城市", "(event.eventName : \"a b\")", "not x"]);
    let NodeKind::Field(name, Test::Has(value)) = &nodes[1].kind else { panic!("{nodes:?}") };
    assert_eq!((part(name.span), part(value.span)), ("event.eventName", "\"a b\""));
}

#[test]
fn what_may_mean_something_else_is_remarked_on() {
    for (text, said) in [
        ("sort", "is quoted"),
        ("a -- b", "no comments"),
        ("k：v", "no part of the syntax"),
        ("k is null", "write `not k:*`"),
        ("k is not null", "write `k:*`"),
        ("k != v", "write `not k:v`"),
    ] {
        let notices = parse(text).unwrap().notices;
        let texts: Vec<String> = notices
            .iter()
            .map(|notice| format!("{} {}", notice.message, notice.help.as_deref().unwrap_or("")))
            .collect();
        assert!(texts.len() == 1 && texts[0].contains(said), "{text}: {texts:?}");
    }
    assert_eq!(parse("\"sort\" a:sort k:v").unwrap().notices, []);
}

#[test]
fn depth_and_number_of_conditions_are_bounded() {
    for text in ["(".repeat(100_000), "not ".repeat(100_000), format!("{}a{}", "(".repeat(101), ")".repeat(101))] {
        let errors = parse(&text).unwrap_err();
        assert!(errors[0].message.contains("nested too deeply"), "{errors:?}");
    }
    assert_eq!(printed(&format!("{}a{}", "(".repeat(99), ")".repeat(99))), "a");
    assert!(parse(&"a ".repeat(100_000)).unwrap_err()[0].message.contains("too many conditions"));
    assert!(parse(&"a ".repeat(2_000)).is_ok());
    assert!(parse(&") ".repeat(100_000)).unwrap_err().len() <= 5);
}

/// A piece of a statement.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z*?!.#\\\\-]{1,4}",
        "[ \\t]{1,2}",
        prop::sample::select(vec![
            "and",
            "or",
            "not",
            "in",
            "is",
            "null",
            "(",
            ")",
            "[",
            "]",
            ":",
            "=",
            ">",
            "<=",
            "!=",
            "\"",
            "\\\"",
            "#\"",
            "\\",
            "1",
            "-2.5",
            ",",
            "城",
            "__tag__:",
            "''",
            "$",
            "{",
            "}",
            "|",
            "k:",
            "k in [1 2]",
            "\u{a0}",
            "\u{0}",
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
        let _ = parse(&text);
    }

    #[test]
    fn what_is_printed_is_read_as_the_same_tree(pieces in prop::collection::vec(piece(), 0..14)) {
        let text: String = pieces.concat();
        match parse(&text) {
            Ok(Search { condition: Some(node), .. }) => {
                let again = node.to_string();
                let read = parse(&again).map(|search| search.condition.map(without_places));
                prop_assert_eq!(read, Ok(Some(without_places(node))), "{} as {}", text, again);
            }
            Ok(Search { condition: None, .. }) => prop_assert!(text.trim().is_empty()),
            Err(errors) => {
                prop_assert!(!errors.is_empty() && errors.len() <= MAX_ERRORS);
                for error in errors {
                    prop_assert!(error.span.start <= error.span.end && error.span.end <= text.len(), "{:?}", error);
                }
            }
        }
    }
}
