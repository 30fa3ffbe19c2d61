//! A corpus of any size: many days of a busy organisation, written as objects of a trail.
//!
//! Every record is a function of the seed and its number, so files can be made in any order, by several threads, in
//! constant memory. About 1 event in 100 is the account's own (root), more on busy days; some records are copies of a
//! record in an earlier file, if asked for. All the irregularities that the views have to stand are there: see
//! [`irregular`].

use std::io;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::api::{self, assume_role, ordinary};
use super::deliver::{gzip, oss_key};
use super::ecs::{self, Image, Login};
use super::event::{Draft, Event, NoError, Version};
use super::identity::{BROWSER, CLI, Caller, PYTHON_SDK};
use super::json::{Json, object};
use super::random::Random;
use super::signin::{self, MfaKey, Signin};

/// What to make; the same numbers always make the same bytes.
#[derive(Debug, Clone, Copy)]
pub struct Corpus {
    /// Records in all files together, copies included.
    pub events: u64,
    pub days: u64,
    /// Records in one file.
    pub per_file: u64,
    pub seed: u64,
    /// Records in 1,000 that are copies of a record in an earlier file, about.
    pub copies_permille: u64,
    /// Role sessions in 1,000 that have a name of their own, as pipelines and federated users give them. The others share
    /// four names. Real accounts have hundreds of thousands of principals this way.
    pub named_sessions_permille: u64,
}

/// One file of a corpus.
#[derive(Debug, Clone)]
pub struct CorpusFile {
    /// Path below the folder, with `/`.
    pub path: String,
    /// The file: gzip of one array.
    pub bytes: Vec<u8>,
    pub records: u64,
    /// How many of the records are copies of earlier ones.
    pub copies: u64,
    pub json_bytes: u64,
}

const REGIONS: &[&str] = &["cn-hangzhou", "cn-shanghai", "ap-northeast-1", "ap-southeast-1", "eu-central-1"];
const ACCOUNTS: &[&str] =
    &["1000000000000001", "1000000000000001", "1000000000000001", "1000000000000002", "1000000000000003"];
const PEOPLE: &[&str] = &["aoki", "sato", "chen.wei", "tanaka", "wang.fang", "li.na", "suzuki", "meyer", "dubois"];

const DENIED: &[&str] = &[
    "NoPermission",
    "NoPermission.Role",
    "Forbidden",
    "Forbidden.RAM",
    "Forbidden.NoPermission",
    "Forbbiden",
    "Forbbiden.RAM",
    "AccessDenied",
    "AccessDenied.Policy",
    "AccessForbidden",
    "NotAuthorized",
    "Unauthorized",
    "Unauthorized.Caller",
];
/// Errors that are no refusals, some of which only look like one.
const OTHER_ERRORS: &[&str] = &[
    "Throttling.User",
    "InvalidParameter",
    "ForbiddenOperation",
    "OperationDenied.NoStock",
    "NoPermissionSet",
    "InvalidAccessKeyId.NotFound",
    "IncorrectInstanceStatus",
];

impl Corpus {
    /// The number of files.
    pub fn files(&self) -> u64 {
        self.events.div_ceil(self.per_file.max(1))
    }

    /// The file with this number, from 0.
    pub fn file(&self, number: u64, gzip_level: u32) -> io::Result<CorpusFile> {
        let first = number * self.per_file;
        let end = (first + self.per_file).min(self.events);
        let mut text = String::with_capacity(2000 * (end - first) as usize);
        let mut copies = 0;
        for index in first..end {
            text.push(if index == first { '[' } else { ',' });
            text.push_str(&self.record(index).compact());
            copies += u64::from(self.origin(index) != index);
        }
        text.push(']');
        let delivered = self.time(end.saturating_sub(1)) + TimeDelta::minutes(5);
        let path = oss_key(REGIONS[0], delivered, (end - first) as usize, text.len());
        let bytes = gzip(text.as_bytes(), gzip_level)?;
        Ok(CorpusFile { path, bytes, records: end - first, copies, json_bytes: text.len() as u64 })
    }

    /// The record with this number, as it is written.
    pub fn record(&self, index: u64) -> Json {
        let origin = self.origin(index);
        let number = Random::of(self.seed ^ 0x7665_7273, origin).chance(700);
        // A copy came by another route, which writes the version in the other way.
        let version = if number == (origin == index) { Version::Number } else { Version::Text };
        self.event(origin).json(version)
    }

    /// The record that this one is a copy of, or its own number.
    pub fn origin(&self, index: u64) -> u64 {
        let mut index = index;
        loop {
            let random = &mut Random::of(self.seed ^ 0x636F_7079, index);
            if index < self.per_file || !random.chance(self.copies_permille) {
                return index;
            }
            let earlier = index - self.per_file;
            index = earlier - random.below(earlier.min(2 * self.per_file) + 1);
        }
    }

    fn time(&self, index: u64) -> DateTime<Utc> {
        let start = NaiveDate::from_ymd_opt(2026, 8, 10).unwrap_or_default().and_time(chrono::NaiveTime::MIN).and_utc();
        let seconds = u128::from(self.days * 86_400) * u128::from(index) / u128::from(self.events.max(1));
        start + TimeDelta::seconds(seconds as i64)
    }

    /// The name of the role session that an event would be of. It has a source of chance of its own, so that a corpus
    /// without such names stays what it was.
    fn session(&self, index: u64) -> String {
        let random = &mut Random::of(self.seed ^ 0x7365_7373, index);
        if random.chance(self.named_sessions_permille) {
            format!("run-{}", random.alphanumeric(12))
        } else {
            "session".to_owned()
        }
    }

    fn event(&self, index: u64) -> Event {
        let random = &mut Random::of(self.seed, index);
        // Ten minutes of disorder, but never before the first day.
        let late = TimeDelta::seconds(random.below(600) as i64);
        let time = self.time(index);
        let time = if random.chance(500) || self.time(0) + late > time { time } else { time - late };
        let day = (time - self.time(0)).num_days();
        let account = *random.pick(ACCOUNTS);
        let root_permille = if day % 9 == 4 { 40 } else { 6 };
        let draft = if random.chance(root_permille) {
            root(random, time, account)
        } else {
            others(random, time, account, &self.session(index))
        };
        irregular(random, draft).finish()
    }
}

/// An event of the account itself.
fn root(random: &mut Random, time: DateTime<Utc>, account: &str) -> Draft {
    let ip = address(random);
    let region = *random.pick(REGIONS);
    let mut caller = Caller::root(account).at(&ip, BROWSER);
    caller.names_account = !random.chance(50);
    match random.below(100) {
        0..30 => {
            if random.chance(100) {
                caller.access_key = Some((*random.pick(&["", "NULL"])).to_owned());
            }
            let key = if random.chance(700) { MfaKey::IsMfaChecked } else { MfaKey::MfaChecked };
            let mfa = (!random.chance(100)).then(|| (key, random.chance(500)));
            let outcomes =
                [Signin::Success, Signin::Success, Signin::SuccessInWords, Signin::Failed, Signin::FailedByMessage];
            let outcome = *random.pick(&outcomes);
            let mut draft = signin::root(random, time, &caller, &format!("owner@{account}.example.com"), mfa, outcome);
            if random.chance(50) {
                draft.event_type = "ApiCall".to_owned();
            }
            draft
        }
        30..34 => signin::root_signout(random, time, &caller),
        34..60 => {
            let key = match random.below(10) {
                0..7 => format!("LTAI5tEXAMPLEROOT{:07}", account.as_bytes()[15] as u64 * 10 + random.below(2)),
                7 => "55nEXAMPLEold0PB".to_owned(),
                _ => format!("STS.NEXAMPLE{}", random.alphanumeric(46)),
            };
            let agent = *random.pick(&[PYTHON_SDK, CLI]);
            work(random, time, &caller.with_key(&key).at(&ip, agent), region, 400)
        }
        60..75 => {
            let mut caller = caller.in_console(time - TimeDelta::minutes(7), random.chance(500));
            caller.access_key = Some((*random.pick(&["", "NULL"])).to_owned());
            work(random, time, &caller, region, 400)
        }
        _ => {
            let caller = caller.in_console(time - TimeDelta::minutes(7), random.chance(500));
            work(random, time, &caller, region, 400)
        }
    }
}

/// An event of anybody else: mostly RAM users, roles and services.
fn others(random: &mut Random, time: DateTime<Utc>, account: &str, session: &str) -> Draft {
    let region = *random.pick(REGIONS);
    let ip = address(random);
    let n = random.below(PEOPLE.len() as u64);
    let user = Caller::ram_user(account, &format!("20000000000000{n:04}"), PEOPLE[n as usize]);
    match random.below(100) {
        0..2 => {
            let outcome = *random.pick(&[Signin::Success, Signin::Success, Signin::Failed]);
            let mfa = random.chance(800);
            signin::ram_user(random, time, &user.at(&ip, BROWSER), mfa, outcome)
        }
        2..5 => {
            let issued = format!("STS.NEXAMPLE{}", random.alphanumeric(46));
            assume_role(random, time, &user.with_key("LTAI5tEXAMPLEDEPLOY00001").at(&ip, CLI), "ci-deploy", &issued)
        }
        5..15 => {
            let host = *random.pick(&["ecs.aliyuncs.com", "oos.aliyuncs.com", "rds.aliyuncs.com"]);
            ordinary(random, time, &Caller::service(account, host), region, 300)
        }
        15..35 => {
            let caller = user.at(&ip, "ecs.console.aliyun.com").in_console(time - TimeDelta::minutes(9), true);
            work(random, time, &caller, region, 300)
        }
        35..60 => {
            let caller = user.with_key(&format!("LTAI5tEXAMPLEUSER{n:07}")).at(&ip, PYTHON_SDK);
            work(random, time, &caller, region, 200)
        }
        _ => {
            let issued = format!("STS.NEXAMPLE{}", random.alphanumeric(46));
            let role = *random.pick(&["ci-deploy", "backup-runner", "aliyunserviceroleforactiontrail", "audit-reader"]);
            let caller = Caller::role(account, "300000000000000002", role, session, time - TimeDelta::minutes(20));
            work(random, time, &caller.with_key(&issued).at(&ip, PYTHON_SDK), region, 150)
        }
    }
}

/// An API call: ordinary, or one of the operations that the ECS views look at.
fn work(random: &mut Random, time: DateTime<Utc>, caller: &Caller, region: &str, write_permille: u64) -> Draft {
    match random.below(1000) {
        0..30 => {
            let operations = [
                ecs::RUN_INSTANCES,
                ecs::RUN_INSTANCES,
                ecs::RUN_INSTANCES,
                ecs::CREATE_INSTANCE,
                ecs::CREATE_INSTANCES,
                ecs::CREATE_ORDER,
                ecs::REPLACE_SYSTEM_DISK,
                ecs::ATTACH_DISK,
                ecs::REINIT_DISK,
            ];
            let operation = *random.pick(&operations);
            let image = image(random);
            let login = login(random);
            let mut draft = ecs::provision(random, time, caller, &operation, region, image, login);
            if operation.name == "AttachDisk" && random.chance(800) {
                let choices = [Json::from("true"), Json::from(true), Json::from("false"), Json::from(false)];
                draft = draft.parameter("Bootable", random.pick(&choices).clone());
            }
            often_refused(random, draft)
        }
        30..45 => {
            let operation = *random.pick(&[ecs::RUN_COMMAND, ecs::RUN_COMMAND, ecs::INVOKE_COMMAND]);
            let user = *random.pick(&[None, Some("root"), Some("System"), Some("ecs-user"), Some(""), Some("deploy")]);
            let draft = ecs::command(random, time, caller, &operation, region, user);
            often_refused(random, draft)
        }
        _ => {
            let draft = ordinary(random, time, caller, region, write_permille);
            match random.below(1000) {
                0..20 => draft.refused(random.pick::<&str>(DENIED), "You are not authorized."),
                20..40 => draft.refused(random.pick::<&str>(OTHER_ERRORS), "The request cannot be done now."),
                _ => draft,
            }
        }
    }
}

fn often_refused(random: &mut Random, draft: Draft) -> Draft {
    match random.below(10) {
        0..3 => draft.refused(random.pick::<&str>(DENIED), "The user has no permission."),
        3 => draft.refused(random.pick::<&str>(OTHER_ERRORS), "The request cannot be done now."),
        _ => draft,
    }
}

fn login(random: &mut Random) -> Login {
    let value = random.chance(500);
    match random.below(12) {
        0..4 => Login::Flat(value),
        4 => Login::FlatText(if value { "true" } else { "false" }),
        5 => Login::FlatText(if value { "True" } else { "False" }),
        6 => Login::FlatLowerCase(value),
        7 => Login::Nested(value),
        8 => Login::NestedText(value),
        9 => Login::Bare(value),
        _ => Login::Absent,
    }
}

fn image(random: &mut Random) -> Image {
    match random.below(12) {
        0 => Image::WindowsId,
        1 => Image::WindowsInId,
        2 => Image::WindowsFamily,
        3 => Image::WindowsSystem(if random.chance(500) { "OSType" } else { "OsType" }),
        _ => Image::Linux,
    }
}

fn address(random: &mut Random) -> String {
    let host = 1 + random.below(200);
    match random.below(20) {
        0 => "Internal".to_owned(),
        1 => format!("2001:db8:{:x}::{host:x}", random.below(16)),
        2 => format!("198.51.100.{host}"),
        3 => format!("203.0.113.{host}"),
        _ => format!("192.0.2.{host}"),
    }
}

/// Writes what means the same in one of the ways that occur: no error, services' names, fields left out, long texts.
fn irregular(random: &mut Random, draft: Draft) -> Draft {
    let mut draft = draft;
    if draft.error_code.is_none() {
        let way = match random.below(10) {
            0..5 => NoError::Missing,
            5..8 => NoError::Empty,
            8 => NoError::Null,
            _ => NoError::WordNull,
        };
        draft = draft.without_error(way);
        if draft.name == "ConsoleSignin" && way == NoError::WordNull {
            // A sign-in says why it failed in this text, so "no error" stays in the forms seen there.
            draft = draft.without_error(NoError::Missing);
        }
        if way == NoError::Empty && random.chance(100) {
            draft.error_message = Some(Json::from("success"));
        }
    }
    match random.below(20) {
        0 => draft.service = draft.service.to_ascii_lowercase(),
        1 => draft.service = draft.service.to_ascii_uppercase(),
        _ => {}
    }
    if random.chance(30) {
        draft.rw = None;
    }
    if random.chance(100) {
        draft.category = None;
    }
    // An event always says one of the two accounts, but for those of services.
    let says_account = draft.identity.iter().any(|(key, _)| key == "accountId");
    if says_account && random.chance(60) {
        draft.recipient = None;
    }
    if random.chance(30) {
        draft.is_global = None;
    }
    if random.chance(100) {
        draft.vpc_id = Some(format!("vpc-EXAMPLE{:09}", random.below(20)));
    }
    draft.parameter_json = !random.chance(100);
    if let Some(Json::Object(_)) = &draft.parameters {
        let description = format!("{} {}", *random.pick(api::DISPLAY_NAMES), random.alphanumeric(40));
        draft = draft
            .parameter("Description", description)
            .parameter("ClientToken", random.guid())
            .parameter("X-Acs-Client-Tls-Version", "TLSv1.3")
            .parameter("X-Acs-Client-Tls-Cipher-Suite", "TLS_AES_128_GCM_SHA256")
            .parameter("SignatureType", "")
            .parameter("ClientPort", 1024 + random.below(60_000) as i64);
        if draft.response.is_none() && draft.rw == Some("Write") && draft.error_code.is_none() {
            draft.response = Some(object! { "RequestId": &draft.request_id });
        }
    }
    draft
}
