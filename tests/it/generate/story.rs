//! The story of `sample-data/`: five weeks of one account, 2026-10-05 to 2026-11-08 (UTC).
//!
//! Four weeks of ordinary work by RAM users, roles and services, with one root logon with MFA for billing and some planned
//! work on keys and firewalls ([`super::maintenance`]); then, in the week 2026-W45, a root AccessKey that leaks ([`super::incident`]). 2026-10-12, a public holiday in Japan, has no event
//! at all: the trail delivered nothing, and a report has to say so. This module makes the events;
//! [`super::deliver`] writes them, and [`deliveries`] says which file holds which of them in which shape.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc, Weekday};

use super::api::{Api, api, assume_role, call, ordinary};
use super::deliver::{Delivery, Shape, oss_objects};
use super::ecs::{self, Image, Login};
use super::event::{Event, Version};
use super::identity::{BROWSER, CLI, Caller, PYTHON_SDK};
use super::incident;
use super::json::object;
use super::maintenance;
use super::random::Random;
use super::signin::{self, MfaKey, Signin};

pub const ACCOUNT: &str = "1234567812345678";
pub const HOME: &str = "ap-northeast-1";
pub const OWNER_LOGIN: &str = "cloud-owner@example.com";
pub const OFFICE: &str = "192.0.2.10";
const SEED: u64 = 20_261_005;

/// A moment of 2026, UTC.
pub fn at(month: u32, day: u32, hour: u32, minute: u32, second: u32) -> DateTime<Utc> {
    let date = NaiveDate::from_ymd_opt(2026, month, day).unwrap_or_default();
    date.and_hms_opt(hour, minute, second).unwrap_or_default().and_utc()
}

/// All events of the story, each once, by time.
pub fn events() -> Vec<Event> {
    let mut events = Vec::new();
    for n in 0..35 {
        ordinary_day(&mut events, at(10, 5, 0, 0, 0).date_naive() + Days::new(n));
    }
    billing(&mut events);
    maintenance::events(&mut events);
    incident::events(&mut events);
    events.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
    events
}

/// The people of the account: name, RAM user id, address, whether they sign in with MFA.
const PEOPLE: &[(&str, &str, &str, bool)] = &[
    ("aoki", "200000000000000101", "192.0.2.21", true),
    ("sato", "200000000000000102", "192.0.2.22", true),
    ("chen.wei", "200000000000000103", "2001:db8:10::25", true),
    ("tanaka", "200000000000000104", "192.0.2.24", false),
];

/// The RAM user of that place in the list, in a console session since `since`.
pub fn person(n: usize, since: DateTime<Utc>) -> Caller {
    let (name, principal, ip, mfa) = PEOPLE[n % PEOPLE.len()];
    Caller::ram_user(ACCOUNT, principal, name).at(ip, BROWSER).in_console(since, mfa)
}

fn ordinary_day(events: &mut Vec<Event>, date: NaiveDate) {
    // Sports Day: the trail delivered nothing. Culture Day: nobody works, machines do.
    let no_delivery = (date.month(), date.day()) == (10, 12);
    let holiday = (date.month(), date.day()) == (11, 3);
    let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
    if no_delivery {
        return;
    }
    let random = &mut Random::of(SEED, u64::from(date.ordinal()));
    let midnight = date.and_time(chrono::NaiveTime::MIN).and_utc();
    machines(events, random, midnight);
    if !weekend && !holiday {
        people(events, random, midnight);
    }
}

/// What runs every day: a backup role at night, a monitoring user with a key, services of the cloud itself.
fn machines(events: &mut Vec<Event>, random: &mut Random, midnight: DateTime<Utc>) {
    let night = midnight + TimeDelta::hours(17) + minutes(random, 20);
    let service = Caller::service(ACCOUNT, "oos.aliyuncs.com");
    let sts = format!("STS.NEXAMPLE{}", random.alphanumeric(46));
    events.push(assume_role(random, night, &service, "backup-runner", &sts).finish());
    let backup = Caller::role(ACCOUNT, "300000000000000001", "backup-runner", "nightly", night);
    let backup = backup.with_key(&sts).at("Internal", PYTHON_SDK);
    for n in 0..3 {
        let time = night + TimeDelta::minutes(3 + 4 * n) + seconds(random, 60);
        events.push(ordinary(random, time, &backup, HOME, 500).finish());
    }
    let monitor = Caller::ram_user(ACCOUNT, "200000000000000201", "monitor");
    let monitor = monitor.with_key("LTAI5tEXAMPLEMONITOR0001").at("192.0.2.40", PYTHON_SDK);
    for hour in [2, 14] {
        let time = midnight + TimeDelta::hours(hour) + minutes(random, 50);
        events.push(ordinary(random, time, &monitor, HOME, 0).finish());
    }
    // Shortly before midnight: delivered in the folder of the next day.
    let late = midnight + TimeDelta::hours(24) - TimeDelta::seconds(20 + random.below(60) as i64);
    let mut draft =
        call(random, late, &Caller::service(ACCOUNT, "ecs.aliyuncs.com"), &ecs::ecs("DeleteSnapshot"), HOME);
    draft.attributes = super::json::members! { "SensitiveAction": "true" };
    events.push(draft.resource("ACS::ECS::Snapshot", "s-EXAMPLE000000000009").finish());
}

/// A working day, 09:00 to 19:00 in Tokyo: 00:00 to 10:00 UTC.
fn people(events: &mut Vec<Event>, random: &mut Random, midnight: DateTime<Utc>) {
    // Half of October is calmer: its days are kept in shapes that are not compressed, and the folder has to stay small.
    let calm = at(10, 12, 0, 0, 0) <= midnight && midnight < at(10, 26, 0, 0, 0);
    let least = if calm { 6 } else { 17 };
    for (n, &(_, _, _, mfa)) in PEOPLE.iter().enumerate() {
        if random.chance(250) {
            continue;
        }
        let start = midnight + minutes(random, 90);
        let mut user = person(n, start);
        if random.chance(80) {
            let failed = start - TimeDelta::seconds(40);
            events.push(signin::ram_user(random, failed, &user, mfa, Signin::Failed).finish());
        }
        events.push(signin::ram_user(random, start, &user, mfa, Signin::Success).finish());
        user.agent = Some("ecs.console.aliyun.com".to_owned());
        for _ in 0..least + random.below(6) {
            let time = start + TimeDelta::minutes(2) + minutes(random, 470);
            let draft = ordinary(random, time, &user, HOME, 250);
            let refused = user.user_name == "tanaka" && random.chance(100);
            let draft = if refused { draft.refused("NoPermission", "You are not authorized.") } else { draft };
            events.push(draft.finish());
        }
    }
    // The deployment role makes an instance or two, as the policy wants them: not with root.
    let time = midnight + TimeDelta::hours(5) + minutes(random, 90);
    let sts = format!("STS.NEXAMPLE{}", random.alphanumeric(46));
    let deploy = Caller::role(ACCOUNT, "300000000000000002", "ci-deploy", "pipeline", time).with_key(&sts);
    let deploy = deploy.at("192.0.2.60", CLI);
    for n in 0..1 + random.below(2) as i64 {
        let login = *random.pick(&[Login::Flat(true), Login::FlatText("true"), Login::Nested(true)]);
        let time = time + TimeDelta::minutes(n);
        events.push(ecs::provision(random, time, &deploy, &ecs::RUN_INSTANCES, HOME, Image::Linux, login).finish());
    }
    if random.chance(300) {
        let time = time + TimeDelta::minutes(12);
        let draft = ecs::command(random, time, &deploy, &ecs::RUN_COMMAND, HOME, Some("ecs-user"));
        events.push(draft.finish());
    }
    if random.chance(150) {
        let user = person(3, midnight);
        let time = midnight + TimeDelta::hours(7);
        let draft = ecs::provision(random, time, &user, &ecs::RUN_INSTANCES, HOME, Image::Linux, Login::Flat(false));
        events.push(draft.refused("Forbidden.RAM", incident::DENIED_BY_POLICY).finish());
    }
}

/// The one time in October when the account itself is used: the owner signs in with MFA and looks at the bill.
fn billing(events: &mut Vec<Event>) {
    const BILL: Api = api("BssOpenApi", "business", "2017-12-14", "QueryBillOverview", false, None);
    let random = &mut Random::of(SEED, 1000);
    let start = at(10, 20, 1, 15, 12);
    let owner = Caller::root(ACCOUNT).at(OFFICE, BROWSER);
    let mfa = Some((MfaKey::IsMfaChecked, true));
    events.push(signin::root(random, start, &owner, OWNER_LOGIN, mfa, Signin::Success).finish());
    let mut session = owner.clone().in_console(start, true);
    session.agent = Some("AliyunConsole".to_owned());
    for n in 0..4 {
        let draft = call(random, start + TimeDelta::seconds(50 + 47 * n), &session, &BILL, "cn-hangzhou");
        let mut draft = draft.parameter("BillingCycle", format!("2026-{:02}", 9 - n));
        draft.response = Some(object! { "RequestId": &draft.request_id, "Success": true });
        events.push(draft.finish());
    }
    events.push(signin::root_signout(random, start + TimeDelta::minutes(9), &owner).finish());
}

/// A random time span below `end` minutes, in whole seconds.
pub fn minutes(random: &mut Random, end: u64) -> TimeDelta {
    seconds(random, 60 * end)
}

/// A random time span below `end` seconds.
pub fn seconds(random: &mut Random, end: u64) -> TimeDelta {
    TimeDelta::seconds(random.below(end) as i64)
}

/// The files of the folder: which events in which shape, some of them twice.
pub fn deliveries() -> Vec<Delivery> {
    let events = events();
    let of = |month: u32, day: u32, keep: &dyn Fn(&Event) -> bool| -> Vec<Event> {
        let date = at(month, day, 0, 0, 0).date_naive();
        events.iter().filter(|event| event.time.date_naive() == date && keep(event)).cloned().collect()
    };
    let all = |_: &Event| true;
    let root = |event: &Event| event.json(Version::Number).compact().contains("\"root-account\"");
    let not_ordinary = |event: &Event| root(event) || event.json(Version::Number).compact().contains("support-backup");
    let file = |path: &str, shape: Shape, events: Vec<Event>| Delivery { path: path.to_owned(), shape, events };
    let sls_path = |month: u32, day: u32, rest: &str| format!("sls-to-oss/2026/{month:02}/{day:02}/{rest}");

    let mut files = Vec::new();
    // What the trail put into its bucket. The days left out here were kept by another route only.
    let not_in_bucket = |event: &Event| {
        let day = (event.time.month(), event.time.day());
        let stopped = incident::trail_stopped() < event.time && event.time < incident::trail_restarted();
        (day.0 == 10 && (13..=25).contains(&day.1)) || stopped
    };
    let in_bucket: Vec<_> = events.iter().filter(|event| !not_in_bucket(event)).cloned().collect();
    files.extend(oss_objects("oss/", &in_bucket));

    files.push(file("unpacked/Actiontrail_2026-10-13", Shape::OssUnpacked, of(10, 13, &all)));
    files.push(file("json-lines/2026-10-14.jsonl", Shape::JsonLines, of(10, 14, &all)));
    files.push(file("pretty/2026-10-15.json", Shape::PrettyDocuments, of(10, 15, &all)));
    files.push(file("lookup-events/2026-10-16.json", Shape::LookupEvents, of(10, 16, &all)));
    let weekend = [of(10, 17, &all), of(10, 18, &all)].concat();
    files.push(file("json-lines/2026-10-17-18.jsonl", Shape::JsonLines, weekend));
    files.push(file("sls/get-logs-2026-10-19.json", Shape::SlsGetLogs, of(10, 19, &all)));
    files.push(file("sls/get-logs-objects-2026-10-20.json", Shape::SlsGetLogsObjects, of(10, 20, &all)));
    files.push(file("sls/dump-2026-10-21_0.json", Shape::SlsPullLogDump, of(10, 21, &all)));
    files.push(file(&sls_path(10, 22, "23/59_EXAMPLE0000000001_937.json"), Shape::SlsOss, of(10, 22, &all)));
    files.push(file(&sls_path(10, 23, "23/59_EXAMPLE0000000002_938.json.gz"), Shape::SlsOssGzip, of(10, 23, &all)));
    let weekend = [of(10, 24, &all), of(10, 25, &all)].concat();
    files.push(file(&sls_path(10, 25, "23/59_EXAMPLE0000000003_939.json.zst"), Shape::SlsOssZstd, weekend));

    // A second time: a replica of the bucket for one day, and the incident by every other route.
    files.extend(oss_objects("oss-replica/", &of(10, 31, &all)));
    files.push(file(&sls_path(10, 29, "23/59_EXAMPLE0000000004_940.json.zst"), Shape::SlsOssZstd, of(10, 29, &all)));
    files.push(file("sls/get-logs-2026-11-03.json", Shape::SlsGetLogs, of(11, 3, &all)));
    files.push(file(&sls_path(11, 4, "23/59_EXAMPLE0000000005_941.json.gz"), Shape::SlsOssGzip, of(11, 4, &root)));
    files.push(file("sls/dump-2026-11-05_0.json", Shape::SlsPullLogDump, of(11, 5, &not_ordinary)));
    files.push(file("json-lines/2026-11-06-root.jsonl", Shape::JsonLines, of(11, 6, &root)));
    files.push(file("pretty/2026-11-07-root.json", Shape::PrettyDocuments, of(11, 7, &root)));
    // The trail stood still on Saturday evening: what happened then was asked for by LookupEvents on Sunday.
    let asked_for = |event: &&Event| at(11, 7, 16, 0, 0) <= event.time && event.time < at(11, 8, 5, 0, 0);
    let answered = events.iter().filter(asked_for).cloned().collect();
    files.push(file("lookup-events/2026-11-08.json", Shape::LookupEvents, answered));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}
