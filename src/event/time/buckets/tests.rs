//! Buckets by hand, and properties of the buckets of any range in zones whose clocks are changed in odd ways.

use super::*;
use proptest::prelude::*;

fn time(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
}

/// Returns the step of a range that is cut off at both ends, and the labels of its buckets.
fn buckets(zone: &str, since: &str, until: &str) -> (String, Vec<String>) {
    let tz: Zone = zone.parse().unwrap();
    let buckets = Buckets::choose(Cover::To(time(since)), Cover::To(time(until)), tz, MOST_BUCKETS);
    let labels = buckets.iter().map(|bucket| {
        let start = DateTime::from_timestamp_micros(bucket.start).unwrap();
        buckets.step().label(start, tz)
    });
    (buckets.step().to_string(), labels.collect())
}

#[test]
fn the_published_sample_comes_out() {
    // 15 minutes from 1677824141 on: 19 seconds, 29 times 30, and 11.
    let at = |seconds| Cover::To(DateTime::from_timestamp(seconds, 0).unwrap());
    let buckets = Buckets::choose(at(1_677_824_141), at(1_677_825_041), Zone::UTC, MOST_BUCKETS);
    let lengths: Vec<i64> = buckets.iter().map(|bucket| (bucket.end - bucket.start) / SECOND).collect();
    assert_eq!(lengths, [&[19][..], &[30; 29], &[11]].concat());
    assert_eq!(buckets.bounds()[1], 1_677_824_160 * SECOND);
}

#[test]
fn lengths_follow_the_range() {
    for (since, until, step, count) in [
        ("2026-11-03T10:00:00Z", "2026-11-03T10:00:31Z", "1 second", 31),
        ("2026-11-03T10:00:00Z", "2026-11-03T10:00:32Z", "2 seconds", 16),
        ("2026-11-03T10:00:00Z", "2026-11-03T10:15:00Z", "30 seconds", 30),
        ("2026-11-03T10:00:00Z", "2026-11-03T11:00:00Z", "2 minutes", 30),
        ("2026-11-03T10:00:00Z", "2026-11-03T14:00:00Z", "10 minutes", 24),
        ("2026-11-03T00:00:00Z", "2026-11-04T00:00:00Z", "1 hour", 24),
        ("2026-11-03T00:00:00Z", "2026-11-06T00:00:00Z", "3 hours", 24),
        ("2026-11-02T00:00:00Z", "2026-11-09T00:00:00Z", "6 hours", 28),
        ("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", "1 day", 31),
        ("2026-10-01T12:00:00Z", "2026-11-01T12:00:00Z", "2 days", 17),
        ("2026-07-01T00:00:00Z", "2026-11-01T00:00:00Z", "7 days", 19),
        ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "1 month", 12),
        ("2020-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "3 months", 28),
        ("2000-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "1 year", 27),
        ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "500 years", 21),
    ] {
        let (found, labels) = buckets("UTC", since, until);
        assert_eq!((found.as_str(), labels.len()), (step, count), "{since} {until}: {labels:?}");
    }
    assert_eq!(buckets("UTC", "2026-11-03T00:00:00Z", "2026-11-03T00:00:00Z").1, Vec::<String>::new());
    assert_eq!(buckets("UTC", "2026-11-03T00:00:00Z", "2026-11-02T00:00:00Z").1, Vec::<String>::new());
}

#[test]
fn buckets_go_by_the_clock_of_the_zone() {
    let (step, labels) = buckets("Asia/Kolkata", "2026-11-03T10:10:00Z", "2026-11-04T10:10:00Z");
    assert_eq!((step.as_str(), labels.len()), ("1 hour", 25));
    let ends = ["2026-11-03 15:40+05:30", "2026-11-03 16:00+05:30"];
    assert_eq!((&labels[0], &labels[1]), (&ends[0].to_owned(), &ends[1].to_owned()));
    let (_, days) = buckets("Asia/Kathmandu", "2026-11-01T18:15:00Z", "2026-11-20T18:15:00Z");
    assert_eq!((days[0].as_str(), days.len()), ("2026-11-02", 19), "{days:?}");
}

/// Returns the labels and lengths in minutes of the buckets of one length.
fn divided(step: Step, zone: &str, since: &str, until: &str) -> Vec<(String, i64)> {
    let tz: Zone = zone.parse().unwrap();
    let buckets = Buckets::divide(step, Cover::To(time(since)), Cover::To(time(until)), tz, 1_000).unwrap();
    let label = |bucket: Range<i64>| {
        let start = DateTime::from_timestamp_micros(bucket.start).unwrap();
        (step.label(start, tz), (bucket.end - bucket.start) / SECOND / 60)
    };
    buckets.iter().map(label).collect()
}

#[test]
fn changed_clocks_lose_no_time_and_repeat_none() {
    let hours = |n: i64| Step::Seconds(n * HOUR_SECONDS);
    for (step, zone, since, until, expected) in [
        // Put back: the hour comes twice.
        (
            hours(1),
            "America/New_York",
            "2026-11-01T04:00:00Z",
            "2026-11-01T08:00:00Z",
            vec![("00:00-04:00", 60), ("01:00-04:00", 60), ("01:00-05:00", 60), ("02:00-05:00", 60)],
        ),
        (
            hours(2),
            "America/New_York",
            "2026-11-01T04:00:00Z",
            "2026-11-01T09:00:00Z",
            vec![("00:00-04:00", 180), ("02:00-05:00", 120)],
        ),
        (
            hours(2),
            "Europe/Berlin",
            "2026-10-24T22:00:00Z",
            "2026-10-25T05:00:00Z",
            vec![("00:00+02:00", 120), ("02:00+02:00", 180), ("04:00+01:00", 120)],
        ),
        // Put forward: the hour is left out.
        (
            hours(1),
            "Europe/Berlin",
            "2026-03-29T00:00:00Z",
            "2026-03-29T03:00:00Z",
            vec![("01:00+01:00", 60), ("03:00+02:00", 60), ("04:00+02:00", 60)],
        ),
        (
            hours(2),
            "Europe/Berlin",
            "2026-03-28T23:00:00Z",
            "2026-03-29T04:00:00Z",
            vec![("00:00+01:00", 120), ("03:00+02:00", 60), ("04:00+02:00", 120)],
        ),
        // By half an hour.
        (
            hours(1),
            "Australia/Lord_Howe",
            "2026-04-04T14:00:00Z",
            "2026-04-04T16:30:00Z",
            vec![("01:00+11:00", 60), ("01:30+10:30", 30), ("02:00+10:30", 60)],
        ),
        (
            hours(1),
            "Australia/Lord_Howe",
            "2026-10-03T14:30:00Z",
            "2026-10-03T17:00:00Z",
            vec![("01:00+10:30", 60), ("02:30+11:00", 30), ("03:00+11:00", 60)],
        ),
    ] {
        let found = divided(step, zone, since, until);
        let found: Vec<(&str, i64)> = found.iter().map(|(label, length)| (&label[11..], *length)).collect();
        assert_eq!(found, expected, "{step} in {zone}");
    }
    for (zone, since, until, expected) in [
        // Midnight comes twice, and is left out.
        (
            "America/Havana",
            "2026-10-31T04:00:00Z",
            "2026-11-03T05:00:00Z",
            vec![("2026-10-31", 1440), ("2026-11-01", 1500), ("2026-11-02", 1440)],
        ),
        (
            "America/Havana",
            "2026-03-07T05:00:00Z",
            "2026-03-10T04:00:00Z",
            vec![("2026-03-07", 1440), ("2026-03-08", 1380), ("2026-03-09", 1440)],
        ),
        // A minute behind midnight it was an hour earlier, of the day before.
        (
            "America/St_Johns",
            "2010-11-06T02:30:00Z",
            "2010-11-08T03:30:00Z",
            vec![("2010-11-06", 1440), ("2010-11-07", 1500)],
        ),
        // Samoa left out a day.
        (
            "Pacific/Apia",
            "2011-12-29T10:00:00Z",
            "2012-01-01T10:00:00Z",
            vec![("2011-12-29", 1440), ("2011-12-31", 1440), ("2012-01-01", 1440)],
        ),
    ] {
        let found = divided(Step::Days(1), zone, since, until);
        let found: Vec<(&str, i64)> = found.iter().map(|(label, length)| (label.as_str(), *length)).collect();
        assert_eq!(found, expected, "{zone}");
    }
}

#[test]
fn open_ends_have_whole_buckets() {
    let whole = |text| Cover::Whole(time(text));
    let tokyo = "Asia/Tokyo".parse().unwrap();
    let buckets = Buckets::choose(whole("2026-11-01T20:00:00Z"), whole("2026-11-08T16:00:00Z"), tokyo, MOST_BUCKETS);
    assert_eq!(buckets.step(), Step::Seconds(6 * HOUR_SECONDS));
    let ends = ["2026-11-01T15:00:00Z".to_owned(), "2026-11-08T21:00:00Z".to_owned()];
    let bounds = [buckets.bounds()[0], *buckets.bounds().last().unwrap()];
    let shown = bounds.map(|at| DateTime::from_timestamp_micros(at).unwrap().to_rfc3339().replace("+00:00", "Z"));
    assert_eq!(shown, ends);
    // One instant is one bucket, and an end that is cut off holds it too.
    let one = Buckets::choose(whole("2026-11-03T10:00:00Z"), whole("2026-11-03T10:00:00Z"), tokyo, MOST_BUCKETS);
    assert_eq!((one.step(), one.bounds().len()), (Step::Seconds(1), 2));
    let none = Buckets::choose(Cover::To(time("2026-11-03T10:00:00Z")), whole("2026-11-03T09:00:00Z"), tokyo, 31);
    assert_eq!(none, Buckets::none());
}

#[test]
fn any_range_has_few_buckets() {
    for (since, until) in [
        (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC),
        (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MIN_UTC + TimeDelta::seconds(5)),
        (DateTime::<Utc>::MAX_UTC - TimeDelta::days(5), DateTime::<Utc>::MAX_UTC),
        (DateTime::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC),
    ] {
        for zone in ["UTC", "Asia/Tokyo", "America/Havana", "-14:00"] {
            let tz: Zone = zone.parse().unwrap();
            for cover in [Cover::To, Cover::Whole] {
                let buckets = Buckets::choose(cover(since), cover(until), tz, MOST_BUCKETS);
                let count = buckets.iter().count();
                assert!((1..=MOST_BUCKETS).contains(&count), "{since} {until} {zone}: {count}");
            }
        }
    }
}

const ZONES: [&str; 14] = [
    "UTC",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "America/Sao_Paulo",
    "Antarctica/Troll",
    "+08:00",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn buckets_cover_the_range_by_the_clock(
        zone in prop::sample::select(&ZONES[..]),
        // 1900 to 2100, and ranges from a microsecond to 300 years.
        since in -2_208_988_800_000_000_i64..4_102_444_800_000_000,
        length in (0_u32..54).prop_flat_map(|bits| (1_i64 << bits)..(2_i64 << bits)),
        is_cut in any::<(bool, bool)>(),
        most in 2_usize..70,
    ) {
        let tz: Zone = zone.parse().unwrap();
        let until = since + length;
        let cover = |at, is_cut| {
            let time = DateTime::from_timestamp_micros(at).unwrap();
            if is_cut { Cover::To(time) } else { Cover::Whole(time) }
        };
        let (from, to) = (cover(since, is_cut.0), cover(until, is_cut.1));
        let buckets = Buckets::choose(from, to, tz, most);
        let bounds = buckets.bounds();
        prop_assert!(bounds.windows(2).all(|pair| pair[0] < pair[1]), "{bounds:?}");
        prop_assert!((2..=most + 1).contains(&bounds.len()), "{} buckets", bounds.len() - 1);
        // The range lies in the buckets, which end where it is cut off, and else in the bucket of its end.
        let (first, last) = (bounds[0], bounds[bounds.len() - 1]);
        let begins = if is_cut.0 { first == since } else { first <= since && since < bounds[1] };
        let before_last = bounds[bounds.len() - 2];
        let ends = if is_cut.1 { last == until } else { before_last <= until && until < last };
        prop_assert!(begins && ends);
        // Every bound inside is where the clock shows a multiple of the length, or where it was changed.
        let step = buckets.step();
        let inner = bounds.iter().enumerate().filter(|(at, _)| {
            (*at > 0 || !is_cut.0) && (*at + 1 < bounds.len() || !is_cut.1)
        });
        for (_, bound) in inner {
            let reading = bound + offset(*bound, tz).unwrap();
            let is_changed = offset(*bound, tz) != offset(*bound - 1, tz);
            prop_assert!(step.floor(reading) == Some(reading) || is_changed, "{bound} of {step} in {zone}");
        }
        // The next shorter length gives too many.
        let at = STEPS.iter().position(|other| *other == step).unwrap();
        if at > 0 {
            prop_assert!(Buckets::divide(STEPS[at - 1], from, to, tz, most).is_none());
        }
        // A range inside has the same bounds: they depend on the zone alone.
        let whole = Buckets::divide(step, from, cover(until, false), tz, most + 1).unwrap();
        let inside = Cover::To(DateTime::from_timestamp_micros(since + length / 2).unwrap());
        let half = Buckets::divide(step, inside, cover(until, false), tz, most + 1).unwrap();
        prop_assert!(whole.bounds().ends_with(&half.bounds()[1..]), "{whole:?} {half:?}");
    }
}
