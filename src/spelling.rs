//! Names that are spelt like another one, for "did you mean".
//!
//! Settings, views, SQL and the command line all suggest by the same rule, so the same slip is understood everywhere.

/// Returns the names most like `wanted`, best first, at most three; none if nothing is close.
pub fn similar<'n>(wanted: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    let wanted = wanted.to_lowercase();
    let mut scored: Vec<(f64, &str)> = names
        .into_iter()
        .filter_map(|name| {
            let lower = name.to_lowercase();
            // A part that was left out (`access_key_id` for `user_identity_access_key_id`) counts as near.
            let part = wanted.len() > 3 && lower.len() > 3 && (lower.contains(&wanted) || wanted.contains(&lower));
            // Of a short name one letter may be wrong, of a long one some.
            let wrong = strsim::damerau_levenshtein(&wanted, &lower);
            let close = wrong <= (wanted.chars().count().max(lower.chars().count()) / 5).max(1);
            let alike = strsim::jaro_winkler(&wanted, &lower);
            let bonus = if close { 0.4 } else { 0.3 };
            (part || close).then_some((alike + bonus, name))
        })
        .collect();
    scored.sort_by(|(a, x), (b, y)| b.total_cmp(a).then(x.cmp(y)));
    scored.dedup_by(|(_, x), (_, y)| x == y);
    scored.into_iter().take(3).map(|(_, name)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found() {
        let names = ["event_name", "event_time", "user_identity_access_key_id", "source_ip_address"];
        for (wanted, best) in [
            ("eventname", Some("event_name")),
            ("event_tiem", Some("event_time")),
            ("access_key_id", Some("user_identity_access_key_id")),
            ("zzz", None),
            ("ip_in", None),
        ] {
            assert_eq!(similar(wanted, names).first().map(String::as_str), best, "{wanted}");
        }
    }
}
