//! What the paths of a trail's objects in OSS say: which days have objects, and how many events each should hold.
//!
//! `…/Actiontrail/<region>/YYYY/MM/DD/Actiontrail_<region>_<time>_1002_<events>_<size>_<md5>.gz`, with directory and
//! account before the region where the trail is one of many accounts. Days in the path are UTC.

use super::Suspicion;
use crate::engine::{EngineError, ResolvedScope, Session};
use crate::report::calendar::Day;
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Objects whose name and content disagree are named, at most.
const NAMED: usize = 100;

#[derive(Deserialize)]
struct ObjectRow {
    path: String,
    read: u64,
}

/// The objects in the days of a scope.
#[derive(Debug, Default)]
pub struct Objects {
    folders: BTreeMap<String, Folder>,
    /// Objects that hold another count than their names say, the first of them.
    miscounted: Vec<Suspicion>,
    /// How many more of them there are.
    more_miscounted: u64,
}

impl Objects {
    /// Reads the paths of the objects in a scope.
    pub fn read(session: &Session, scope: &ResolvedScope) -> Result<Self, EngineError> {
        let in_scope = |object: &ObjectPath<'_>| {
            let starts = object.day.and_time(NaiveTime::MIN).and_utc();
            let regions = scope.regions.is_empty() || scope.regions.iter().any(|region| region == object.region);
            let account =
                object.account_id.is_none_or(|id| scope.accounts.is_empty() || scope.accounts.iter().any(|a| a == id));
            let after = scope.since.is_none_or(|since| starts + TimeDelta::days(1) > since);
            regions && account && after && scope.until.is_none_or(|until| starts < until)
        };
        let mut objects = Self::default();
        let mut last: Option<ObjectRow> = None;
        let mut take = |row: &ObjectRow| {
            if let Some(object) = ObjectPath::parse(&row.path).filter(&in_scope) {
                objects.take(&object, row);
            }
        };
        session.each_row(include_str!("../sql/coverage_objects.sql"), &[], |row: ObjectRow| {
            // Of several readings of a path the newest counts, which comes last.
            if let Some(done) = last.take().filter(|before| before.path != row.path) {
                take(&done);
            }
            last = Some(row);
        })?;
        last.iter().for_each(take);
        Ok(objects)
    }

    fn take(&mut self, object: &ObjectPath<'_>, row: &ObjectRow) {
        if !self.folders.contains_key(object.folder) {
            let account_id = object.account_id.map(str::to_owned);
            let folder = Folder { account_id, region: object.region.to_owned(), days: BTreeMap::new() };
            self.folders.insert(object.folder.to_owned(), folder);
        }
        if let Some(folder) = self.folders.get_mut(object.folder) {
            *folder.days.entry(object.day).or_default() += 1;
        }
        let Some(said) = object.events.filter(|said| *said != row.read) else { return };
        if self.miscounted.len() == NAMED {
            self.more_miscounted += 1;
            return;
        }
        self.miscounted.push(Suspicion {
            since: Some(Day(object.day)),
            until: Some(Day(object.day)),
            kind: "object_count",
            account_id: object.account_id.map(str::to_owned),
            region: Some(object.region.to_owned()),
            what: format!("the name of an object says {said} events, and {} were read from it: {}", row.read, row.path),
        });
    }

    /// What is suspicious of the objects.
    pub fn suspicions(self, found: &mut Vec<Suspicion>) {
        for (path, folder) in &self.folders {
            for (since, until) in folder.gaps() {
                found.push(Suspicion {
                    since: Some(Day(since)),
                    until: Some(Day(until)),
                    kind: "objects_missing",
                    account_id: folder.account_id.clone(),
                    region: Some(folder.region.clone()),
                    what: format!("no object between days with objects (UTC) in the folder {path}"),
                });
            }
        }
        found.extend(self.miscounted);
        if self.more_miscounted > 0 {
            let what = format!("{} more objects hold other counts than their names say", self.more_miscounted);
            found.push(Suspicion::undated("object_count", what));
        }
    }
}

/// The path of an object, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectPath<'p> {
    /// The folder of the region, which holds the years.
    pub folder: &'p str,
    /// Account, where the path has one.
    pub account_id: Option<&'p str>,
    /// Region.
    pub region: &'p str,
    /// Day of the folder, UTC.
    pub day: NaiveDate,
    /// Events that the name says are in the object.
    pub events: Option<u64>,
}

impl<'p> ObjectPath<'p> {
    /// Takes a path apart; `None` where it is no object of a trail.
    pub fn parse(path: &'p str) -> Option<Self> {
        let mut rest = path;
        let mut next = || {
            let (before, part) = rest.rsplit_once(['/', '\\'])?;
            rest = before;
            Some(part)
        };
        let (name, day, month, year) = (next()?, next()?, next()?, next()?);
        let number = |text: &str, digits| (text.len() == digits).then(|| text.parse::<u32>().ok()).flatten();
        let year = i32::try_from(number(year, 4)?).ok()?;
        let day = NaiveDate::from_ymd_opt(year, number(month, 2)?, number(day, 2)?)?;
        let folder = rest;
        let mut parts = folder.rsplit(['/', '\\']);
        let (region, parent, above) = (parts.next()?, parts.next()?, parts.next());
        let is_root = |part: &str| part == "Actiontrail" || part == "Actiontrail-Insight";
        let account_id = (!is_root(parent)).then_some(parent);
        if account_id.is_some() && !(above.is_some() && parts.next().is_some_and(is_root)) {
            return None;
        }
        // Names may be changed by whoever copied the objects; then only the folder is worth something.
        let events = name.strip_prefix("Actiontrail_").and_then(|name| {
            let mut parts = name.rsplit('_');
            let (_md5, _size, events, kind) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
            if kind == "1002" { events.parse().ok() } else { None }
        });
        Some(Self { folder, account_id, region, day, events })
    }
}

/// The objects of one region's folder.
#[derive(Debug, Clone, Default)]
pub struct Folder {
    /// Account, where the path has one.
    pub account_id: Option<String>,
    /// Region.
    pub region: String,
    /// Objects a day, UTC.
    pub days: BTreeMap<NaiveDate, u64>,
}

impl Folder {
    /// Runs of days without objects between days with objects: first and last day of each.
    pub fn gaps(&self) -> Vec<(NaiveDate, NaiveDate)> {
        let days: Vec<_> = self.days.keys().copied().collect();
        let gap = |pair: &[NaiveDate]| match pair {
            [before, after] if before.succ_opt()? < *after => Some((before.succ_opt()?, after.pred_opt()?)),
            _ => None,
        };
        days.windows(2).filter_map(gap).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_objects() {
        let single = "/x/AliyunLogs/Actiontrail/cn-hangzhou/2026/11/03/Actiontrail_cn-hangzhou_20261103172019_1002_12_11707_b95e.gz";
        let found = ObjectPath::parse(single).unwrap();
        assert_eq!(
            (found.folder, found.account_id, found.region, found.day.to_string().as_str(), found.events),
            ("/x/AliyunLogs/Actiontrail/cn-hangzhou", None, "cn-hangzhou", "2026-11-03", Some(12))
        );
        for (path, expected) in [
            (
                "AliyunLogs/Actiontrail/rd-1/1000000000000001/us-west-1/2026/11/03/renamed.json",
                Some((Some("1000000000000001"), None)),
            ),
            (
                "AliyunLogs/Actiontrail-Insight/us-west-1/2026/11/03/Actiontrail_us-west-1_20261103172019_1002_3_1_m.gz",
                Some((None, Some(3))),
            ),
            ("AliyunLogs/Actiontrail/us-west-1/2026/13/03/x.gz", None),
            ("AliyunLogs/Other/us-west-1/2026/11/03/x.gz", None),
            ("dump.json", None),
        ] {
            let found = ObjectPath::parse(path).map(|found| (found.account_id, found.events));
            assert_eq!(found, expected, "{path}");
        }
    }

    #[test]
    fn gaps_lie_between_days_with_objects() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        let mut folder = Folder::default();
        for with_objects in [1, 2, 5, 6, 8] {
            folder.days.insert(day(with_objects), 1);
        }
        assert_eq!(folder.gaps(), [(day(3), day(4)), (day(7), day(7))]);
    }
}
