//! What the paths of a trail's objects in OSS say: which days have objects, and how many events each should hold.
//!
//! `…/Actiontrail/<region>/YYYY/MM/DD/Actiontrail_<region>_<time>_1002_<events>_<size>_<md5>.gz`, with directory and
//! account before the region where the trail is one of many accounts. Days in the path are UTC.

use chrono::NaiveDate;
use std::collections::BTreeMap;

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
