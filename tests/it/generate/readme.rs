//! The text of `sample-data/README.md`, with the list of files and the counts as they are.

use std::collections::BTreeMap;

use super::deliver::{Delivery, Shape};
use super::story;

const START: &str = "# Invented exports of one account\n
Nothing here is real: the account, the people, the keys and the resources are made up, the addresses come from the
ranges kept for documentation (192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32), the names from
`example.com`. The folder is made by `tests/it/generate/` and a test compares it byte for byte. To make it anew after a
change there: `TRAILQL_BLESS=1 cargo test --test it sample_data`.

## The story

Account `1234567812345678`, home region ap-northeast-1, 2026-10-05 to 2026-11-08. All times are UTC (+00:00).

- **Four quiet weeks.** RAM users `aoki`, `sato`, `chen.wei` and `tanaka` work on weekdays; the roles `ci-deploy` and
  `backup-runner`, the RAM user `monitor` and the cloud's own services work every day. A Deny policy refuses instances
  whose first login user is root. On 2026-10-20 the owner signs in as root with MFA, looks at the bill, and signs out.
  2026-10-12, a public holiday, has no event at all: nothing was delivered, which is not the same as nothing done.
- **Planned work, 27 to 30 October.** `aoki` replaces a KMS key and keeps the old one after all. `sato` opens the
  whitelist of a database to 0.0.0.0/0 for forty minutes. `chen.wei` switches a firewall off for half an hour, and fetches
  the credentials of a cluster. `tanaka` switches an alert rule off and on.
- **Tue 3 November.** Seven root logons fail, all from 203.0.113.77; at 16:34:40 one succeeds, without MFA. Ten
  minutes later an AccessKey is made for root: `LTAI5tEXAMPLEROOTKEY0001`.
- **Wed 4 November.** The key is used from 203.0.113.77 and 198.51.100.23, nearly 190 calls in a day. It makes the RAM
  user `support-backup`, gives it AdministratorAccess and an AccessKey of its own.
- **Thu 5 November.** A security group is opened to 0.0.0.0/0. A burst of RunInstances follows, with root as first login
  user: 14 by the root key; of 12 by `support-backup` the Deny policy refuses 9. Cloud Assistant commands run as root.
- **Fri 6 November.** The bucket `example-customer-backup` is made public.
- **Sat 7 November.** `support-backup` may not delete the trail, but the root key stops it (16:36:44).
- **Sun 8 November.** The owner signs in as root with MFA and deletes the key; the key is tried once more and refused.
  `aoki` starts the trail again and undoes the rest. What happened while the trail stood still is known from
  LookupEvents only.
";

/// The whole text.
pub fn text(deliveries: &[Delivery]) -> String {
    let records: usize = deliveries.iter().map(|delivery| delivery.events.len()).sum();
    let events = story::events().len();
    let mut out = START.to_owned();
    out.push_str(&format!(
        "\n## The files\n\n{} files, {records} records, {events} events; {} records are second deliveries of an event.\n\n",
        deliveries.len(),
        records - events,
    ));
    out.push_str("| where | shape | files | records |\n|---|---|---|---|\n");
    let mut groups: BTreeMap<(String, Shape), (usize, usize)> = BTreeMap::new();
    for delivery in deliveries {
        // The trail's own objects are many: one line a folder. The rest by name.
        let place = match delivery.shape {
            Shape::OssGzip => delivery.path.split("AliyunLogs/").next().unwrap_or_default().to_owned(),
            _ => delivery.path.clone(),
        };
        let (files, records) = groups.entry((place, delivery.shape)).or_default();
        *files += 1;
        *records += delivery.events.len();
    }
    for ((place, shape), (files, records)) in groups {
        out.push_str(&format!("| `{place}` | {} | {files} | {records} |\n", shape.title()));
    }
    out
}
