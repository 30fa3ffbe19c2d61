//! Statements made by the grammar of the analysis part, and such statements with pieces of them cut out, doubled or
//! exchanged.

use proptest::prelude::*;

const FIELDS: [&str; 12] = [
    "eventName",
    "\"event.eventName\"",
    "event.userIdentity.userName",
    "errorCode",
    "__time__",
    "eventTime",
    "resourceType",
    "requestParameterJson",
    "\"event.requestParameterJson.N\"",
    "isGlobal",
    "l.eventId",
    "日",
];

const LITERALS: [&str; 14] = [
    "1",
    "0",
    "-5",
    "2.5",
    "1e3",
    "9223372036854775807",
    "'a'",
    "''",
    "'操作'",
    "null",
    "true",
    "date '2026-11-01'",
    "timestamp '2026-11-01 08:00:00'",
    "interval '1' day",
];

/// Calls of one argument.
const ONE: [&str; 26] = [
    "lower",
    "length",
    "reverse",
    "abs",
    "round",
    "date",
    "hour",
    "from_unixtime",
    "to_unixtime",
    "json_parse",
    "json_format",
    "try",
    "typeof",
    "ip_to_domain",
    "url_decode",
    "cardinality",
    "array_sort",
    "array_max",
    "map_keys",
    "to_base64",
    "sha256",
    "not",
    "-",
    "search",
    "codepoint",
    "array",
];

/// Calls of two arguments.
const TWO: [&str; 22] = [
    "split",
    "date_format",
    "date_trunc",
    "date_parse",
    "json_extract",
    "json_extract_scalar",
    "regexp_extract",
    "regexp_like",
    "strpos",
    "substr",
    "concat",
    "coalesce",
    "nullif",
    "array_position",
    "contains",
    "element_at",
    "mod",
    "greatest",
    "is_subnet_of",
    "url_extract_parameter",
    "array_join",
    "map",
];

const AGGREGATES: [&str; 18] = [
    "count",
    "sum",
    "avg",
    "min",
    "max",
    "arbitrary",
    "array_agg",
    "approx_distinct",
    "histogram",
    "bool_and",
    "stddev",
    "kurtosis",
    "geometric_mean",
    "map_union",
    "count_if",
    "variance",
    "set_agg",
    "every",
];

const OPERATORS: [&str; 18] = [
    "+",
    "-",
    "*",
    "/",
    "%",
    "||",
    "=",
    "<>",
    "<",
    ">=",
    "and",
    "or",
    "like",
    "not like",
    "is distinct from",
    "&",
    "<<",
    "at time zone",
];

const TYPES: [&str; 12] = [
    "bigint",
    "varchar",
    "double",
    "boolean",
    "timestamp",
    "date",
    "json",
    "decimal(10, 2)",
    "array(varchar)",
    "map(varchar, bigint)",
    "row(a bigint, varchar)",
    "varbinary",
];

const LAMBDAS: [&str; 6] = ["x -> x", "x -> x > 1", "(k, v) -> v", "x -> lower(x)", "(s, x) -> s + x", "() -> 1"];

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(words)
}

fn expression() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        3 => one_of(&FIELDS).prop_map(str::to_owned),
        2 => one_of(&LITERALS).prop_map(str::to_owned),
    ];
    let inner = |e: BoxedStrategy<String>| {
        prop_oneof![
            (one_of(&ONE), e.clone()).prop_map(|(name, a)| format!("{name}({a})")),
            (one_of(&TWO), e.clone(), e.clone()).prop_map(|(name, a, b)| format!("{name}({a}, {b})")),
            (one_of(&OPERATORS), e.clone(), e.clone()).prop_map(|(op, a, b)| format!("({a} {op} {b})")),
            (e.clone(), one_of(&TYPES)).prop_map(|(a, kind)| format!("cast({a} as {kind})")),
            (e.clone(), one_of(&TYPES)).prop_map(|(a, kind)| format!("try_cast({a} as {kind})")),
            (e.clone(), e.clone(), e.clone()).prop_map(|(a, b, c)| format!("case when {a} then {b} else {c} end")),
            (e.clone(), e.clone(), e.clone()).prop_map(|(a, b, c)| format!("if({a}, {b}, {c})")),
            (e.clone(), e.clone(), e.clone()).prop_map(|(a, b, c)| format!("{a} between {b} and {c}")),
            (e.clone(), e.clone()).prop_map(|(a, b)| format!("{a}[{b}]")),
            (e.clone(), e.clone()).prop_map(|(a, b)| format!("array[{a}, {b}]")),
            (e.clone(), e.clone()).prop_map(|(a, b)| format!("{a} in ({b}, {b})")),
            (one_of(&["filter", "transform", "any_match", "map_filter", "zip_with"]), e.clone(), one_of(&LAMBDAS))
                .prop_map(|(name, a, lambda)| format!("{name}({a}, {lambda})")),
            e.clone().prop_map(|a| format!("reduce({a}, 0, (s, x) -> s + x, s -> s)")),
            e.clone().prop_map(|a| format!("extract(hour from {a})")),
            e.clone().prop_map(|a| format!("{a} is not null")),
            e.clone().prop_map(|a| format!("{a} like 'a/_%' escape '/'")),
            e.prop_map(|a| format!("{a} in (select eventName from log)")),
        ]
    };
    leaf.prop_recursive(3, 12, 3, move |e| inner(e.boxed()).boxed()).boxed()
}

fn output() -> BoxedStrategy<String> {
    let alias = one_of(&["", " as a", " as eventName", " as \"名 称\"", " b"]);
    let window = one_of(&[
        "",
        "",
        " over (order by __time__)",
        " over (partition by eventName order by __time__ rows between 1 preceding and current row)",
        " filter (where eventName is not null)",
    ]);
    let aggregate = (one_of(&AGGREGATES), one_of(&["", "distinct "]), expression(), window)
        .prop_map(|(name, distinct, a, window)| format!("{name}({distinct}{a}){window}"));
    let placed = one_of(&[
        "row_number() over (order by __time__)",
        "lag(eventName, 1, errorCode) over (order by __time__)",
        "ntile(2) over (order by eventId)",
        "max_by(eventName, __time__)",
        "max(__time__, 2)",
        "approx_percentile(__time__, array[0.5, 0.9])",
        "numeric_histogram(3, __time__)",
        "map_agg(eventId, eventName)",
        "compare(n, 86400)",
        "ts_compare(n, 3600, 86400)",
        "time_series(__time__, '6h', '%H', 'avg')",
        "count(*)",
        "*",
        "l.*",
    ]);
    let expr = prop_oneof![3 => expression(), 3 => aggregate, 1 => placed.prop_map(str::to_owned)];
    (expr, alias).prop_map(|(expr, alias)| if expr.ends_with('*') { expr } else { format!("{expr}{alias}") }).boxed()
}

fn table(select: BoxedStrategy<String>) -> BoxedStrategy<String> {
    prop_oneof![
        4 => Just(String::new()),
        4 => Just(" from log".to_owned()),
        2 => Just(" from log l".to_owned()),
        2 => select.clone().prop_map(|select| format!(" from ({select}) l")),
        1 => select.prop_map(|select| format!(" from log l join ({select}) r on l.eventId = r.a")),
        1 => expression().prop_map(|a| format!(" from log, unnest({a}) as t(n)")),
        1 => Just(" from (select date_trunc('hour', __time__) as t, count(*) as n from log group by t) l".to_owned()),
    ]
    .boxed()
}

fn select(depth: u32) -> BoxedStrategy<String> {
    let inner = if depth == 0 { Just("select eventId as a from log".to_owned()).boxed() } else { select(depth - 1) };
    let maybe = |word: &'static str, of: BoxedStrategy<String>| {
        prop::option::weighted(0.4, of).prop_map(move |of| of.map(|of| format!(" {word} {of}")).unwrap_or_default())
    };
    let group = prop_oneof![
        3 => one_of(&["1", "a", "t", "eventName", "1, 2", "rollup(eventName, errorCode)"]).prop_map(str::to_owned),
        1 => expression(),
    ];
    let order = one_of(&["1", "a desc", "count(*) desc", "eventName nulls first", "__time__", "t"]);
    let rows = one_of(&["", "", " limit 3", " limit 1, 2"]);
    let joined = one_of(&["", "", "", " union all select eventId from log", " union select 1 from log"]);
    let outputs = prop::collection::vec(output(), 1..4);
    let head = (outputs, table(inner), maybe("where", expression()), maybe("group by", group.boxed()));
    let tail = (
        maybe("having", expression()),
        joined,
        maybe("order by", order.prop_map(str::to_owned).boxed()),
        rows,
        one_of(&["", "", "distinct "]),
    );
    (head, tail)
        .prop_map(|((outputs, table, filter, groups), (having, joined, order, rows, distinct))| {
            let outputs = outputs.join(", ");
            format!("select {distinct}{outputs}{table}{filter}{groups}{having}{joined}{order}{rows}")
        })
        .boxed()
}

fn pipeline() -> BoxedStrategy<String> {
    let command = prop_oneof![
        expression().prop_map(|a| format!("where {a}")),
        expression().prop_map(|a| format!("extend a = {a}")),
        (one_of(&AGGREGATES), one_of(&FIELDS))
            .prop_map(|(name, field)| format!("stats a = {name}({field}) by eventName")),
        one_of(&["project eventId, a = eventName", "sort eventId desc", "limit 3", "project-away \"event.e*\""])
            .prop_map(str::to_owned),
    ];
    prop::collection::vec(command, 1..5).prop_map(|commands| commands.join(" | ")).boxed()
}

/// Statements as the grammar makes them.
pub(super) fn statement() -> BoxedStrategy<String> {
    let search = one_of(&["*", "", "event.serviceName: Ecs", "not event.errorCode: * or CreateUser"]);
    let with = select(0).prop_map(|inner| format!("with l as ({inner}) select a, count(*) from l group by a"));
    let tail = prop_oneof![6 => select(1), 1 => with, 1 => pipeline()];
    (search, tail).prop_map(|(search, tail)| format!("{search} | {tail}")).boxed()
}

/// Statements with some pieces cut out, doubled or exchanged.
pub(super) fn mutated() -> BoxedStrategy<String> {
    let change = (0usize..4, any::<prop::sample::Index>(), any::<prop::sample::Index>());
    (statement(), prop::collection::vec(change, 1..4))
        .prop_map(|(statement, changes)| {
            let mut pieces: Vec<String> = split(&statement);
            for (kind, first, second) in changes {
                if pieces.is_empty() {
                    break;
                }
                let (first, second) = (first.index(pieces.len()), second.index(pieces.len()));
                match kind {
                    0 => drop(pieces.remove(first)),
                    1 => pieces.insert(second, pieces[first].clone()),
                    2 => pieces.swap(first, second),
                    _ => pieces.truncate(first.max(second)),
                }
            }
            pieces.concat()
        })
        .boxed()
}

/// Cuts a text at the borders between words, blanks and other characters.
fn split(text: &str) -> Vec<String> {
    let kind = |c: char| {
        if c.is_alphanumeric() || c == '_' {
            0
        } else if c == ' ' {
            1
        } else {
            2
        }
    };
    let mut pieces: Vec<String> = Vec::new();
    let mut last = None;
    for c in text.chars() {
        match pieces.last_mut() {
            Some(piece) if last == Some(kind(c)) && kind(c) != 2 => piece.push(c),
            _ => pieces.push(c.to_string()),
        }
        last = Some(kind(c));
    }
    pieces
}
