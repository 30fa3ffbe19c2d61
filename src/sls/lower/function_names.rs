//! The list of functions that the analysis part knows, and reasons for those that cannot be computed.

/// The way in which a function becomes SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// SQL has it by the same name.
    Same,
    /// SQL has it by another name.
    To(&'static str),
    /// `sls_` in front of the name is ours.
    Sls,
    /// The same; inside of `try` it is the lenient twin.
    Fallible,
    /// It is rewritten to other forms.
    Special,
    /// It cannot be computed, for this reason.
    Refused(&'static str),
}

/// Returns `true` for the name of an aggregate.
pub(super) fn is_aggregate(name: &str) -> bool {
    FUNCTIONS.iter().any(|(known, is_aggregate, _)| *is_aggregate && name.eq_ignore_ascii_case(known))
}

use Rule::{Fallible, Refused, Same, Sls, Special, To};

/// Names of functions, `true` for aggregates, and the rule.
pub(super) const FUNCTIONS: &[(&str, bool, Rule)] = &[
    // Aggregates.
    ("approx_distinct", true, Special),
    ("approx_percentile", true, Special),
    ("arbitrary", true, To("any_value")),
    ("any_value", true, Same),
    ("array_agg", true, Same),
    ("avg", true, Same),
    ("bitwise_and_agg", true, To("bit_and")),
    ("bitwise_or_agg", true, To("bit_or")),
    ("bool_and", true, Same),
    ("bool_or", true, Same),
    ("corr", true, Same),
    ("compare", true, Special),
    ("count", true, Same),
    ("count_if", true, Special),
    ("covar_pop", true, Same),
    ("covar_samp", true, Same),
    ("every", true, To("bool_and")),
    ("geometric_mean", true, Special),
    ("grouping", true, Same),
    ("histogram", true, Special),
    ("kurtosis", true, Special),
    ("map_agg", true, Special),
    ("map_union", true, Special),
    ("max", true, Special),
    ("max_by", true, Special),
    ("min", true, Special),
    ("min_by", true, Special),
    ("multimap_agg", true, Special),
    ("numeric_histogram", true, Special),
    ("regr_intercept", true, Same),
    ("regr_slope", true, Same),
    ("set_agg", true, Special),
    ("skewness", true, Special),
    ("stddev", true, Same),
    ("stddev_pop", true, Same),
    ("stddev_samp", true, Same),
    ("sum", true, Same),
    ("ts_compare", true, Special),
    ("var_pop", true, Same),
    ("var_samp", true, Same),
    ("variance", true, To("var_samp")),
    // Windows.
    ("cume_dist", false, Same),
    ("dense_rank", false, Same),
    ("first_value", true, Same),
    ("lag", false, Special),
    ("last_value", true, Same),
    ("lead", false, Special),
    ("nth_value", true, Same),
    ("ntile", false, Same),
    ("percent_rank", false, Same),
    ("rank", false, Same),
    ("row_number", false, Same),
    // Conditions and types.
    ("coalesce", false, Same),
    ("greatest", false, Special),
    ("if", false, Special),
    ("least", false, Special),
    ("nullif", false, Same),
    ("try", false, Special),
    ("search", false, Special),
    ("typeof", false, Sls),
    // Texts.
    ("chr", false, Same),
    ("codepoint", false, Fallible),
    ("concat", false, Special),
    ("concat_ws", false, Same),
    ("ilike", false, Special),
    ("length", false, To("character_length")),
    ("levenshtein_distance", false, Sls),
    ("lower", false, Same),
    ("lpad", false, Same),
    ("ltrim", false, Same),
    ("replace", false, Special),
    ("reverse", false, Sls),
    ("rpad", false, Same),
    ("rtrim", false, Same),
    ("split", false, Fallible),
    ("split_part", false, Fallible),
    ("split_to_map", false, Fallible),
    ("starts_with", false, Same),
    ("strpos", false, Sls),
    ("substr", false, Sls),
    ("substring", false, To("sls_substr")),
    ("to_utf8", false, Special),
    ("from_utf8", false, Special),
    ("trim", false, Same),
    ("upper", false, Same),
    // Regular expressions.
    ("regexp_extract", false, Sls),
    ("regexp_extract_all", false, Sls),
    ("regexp_extract_bool", false, Sls),
    ("regexp_extract_double", false, Sls),
    ("regexp_extract_long", false, Sls),
    ("regexp_like", false, Sls),
    ("regexp_replace", false, Sls),
    ("regexp_split", false, Sls),
    // Dates and times.
    ("current_date", false, Same),
    ("current_time", false, Same),
    ("current_timestamp", false, To("now")),
    ("current_timezone", false, Sls),
    ("date", false, Sls),
    ("date_add", false, Sls),
    ("date_diff", false, Sls),
    ("date_format", false, Sls),
    ("date_parse", false, Fallible),
    ("date_trunc", false, Sls),
    ("day", false, Sls),
    ("day_of_month", false, Special),
    ("day_of_week", false, Sls),
    ("day_of_year", false, Sls),
    ("dayofweek", false, Special),
    ("dayofyear", false, Special),
    ("dow", false, Special),
    ("doy", false, Special),
    ("from_iso8601_date", false, Fallible),
    ("from_iso8601_timestamp", false, Fallible),
    ("from_unixtime", false, Special),
    ("hour", false, Sls),
    ("localtime", false, To("current_time")),
    ("localtimestamp", false, Special),
    ("millisecond", false, Sls),
    ("minute", false, Sls),
    ("month", false, Sls),
    ("now", false, Same),
    ("quarter", false, Sls),
    ("second", false, Sls),
    ("time_series", false, Special),
    ("timezone_hour", false, Special),
    ("timezone_minute", false, Special),
    ("to_iso8601", false, Special),
    ("to_unixtime", false, Fallible),
    ("week", false, Sls),
    ("week_of_year", false, To("sls_week")),
    ("year", false, Sls),
    ("year_of_week", false, Sls),
    ("yow", false, Special),
    // JSON.
    ("is_json_scalar", false, Sls),
    ("json_array_contains", false, Special),
    ("json_array_get", false, Sls),
    ("json_array_length", false, Sls),
    ("json_extract", false, Sls),
    ("json_extract_bool", false, Sls),
    ("json_extract_double", false, Sls),
    ("json_extract_long", false, Sls),
    ("json_extract_scalar", false, Sls),
    ("json_format", false, Sls),
    ("json_parse", false, Fallible),
    ("json_size", false, Sls),
    // Addresses and URLs.
    ("ip_prefix", false, Fallible),
    ("ip_subnet_max", false, Fallible),
    ("ip_subnet_min", false, Fallible),
    ("ip_subnet_range", false, Fallible),
    ("ip_to_city", false, Sls),
    ("ip_to_city_geo", false, Special),
    ("ip_to_country", false, Sls),
    ("ip_to_country_code", false, Sls),
    ("ip_to_domain", false, Sls),
    ("ip_to_geo", false, Special),
    ("ip_to_provider", false, Sls),
    ("ip_to_province", false, Special),
    ("ipv6_to_city", false, To("sls_ip_to_city")),
    ("ipv6_to_country", false, To("sls_ip_to_country")),
    ("ipv6_to_country_code", false, To("sls_ip_to_country_code")),
    ("ipv6_to_domain", false, To("sls_ip_to_domain")),
    ("ipv6_to_provider", false, To("sls_ip_to_provider")),
    ("ipv6_to_province", false, Special),
    ("is_prefix_subnet_of", false, Fallible),
    ("is_subnet_of", false, Fallible),
    ("url_decode", false, Fallible),
    ("url_encode", false, Sls),
    ("url_extract_fragment", false, Sls),
    ("url_extract_host", false, Sls),
    ("url_extract_parameter", false, Sls),
    ("url_extract_path", false, Sls),
    ("url_extract_port", false, Sls),
    ("url_extract_protocol", false, Sls),
    ("url_extract_query", false, Sls),
    // Arrays and maps.
    ("all_match", false, Special),
    ("any_match", false, Special),
    ("array_distinct", false, Same),
    ("array_except", false, Same),
    ("array_intersect", false, Same),
    ("array_join", false, To("array_to_string")),
    ("array_max", false, Special),
    ("array_min", false, Special),
    ("array_position", false, Special),
    ("array_remove", false, To("array_remove_all")),
    ("array_sort", false, Special),
    ("array_union", false, Same),
    ("arrays_overlap", false, To("array_has_any")),
    ("cardinality", false, Same),
    ("contains", false, To("array_has")),
    ("element_at", false, Special),
    ("filter", false, Special),
    ("flatten", false, Same),
    ("map", false, Special),
    ("map_concat", false, Sls),
    ("map_entries", false, Same),
    ("map_filter", false, Special),
    ("map_from_entries", false, Sls),
    ("map_keys", false, Same),
    ("map_values", false, Same),
    ("none_match", false, Special),
    ("reduce", false, Special),
    ("row", false, To("struct")),
    ("sequence", false, Special),
    ("slice", false, Sls),
    ("transform", false, Special),
    ("transform_keys", false, Special),
    ("transform_values", false, Special),
    ("zip", false, To("arrays_zip")),
    ("zip_with", false, Special),
    // Numbers.
    ("abs", false, Same),
    ("acos", false, Same),
    ("asin", false, Same),
    ("atan", false, Same),
    ("atan2", false, Same),
    ("bit_count", false, Sls),
    ("bitwise_and", false, Special),
    ("bitwise_arithmetic_shift_right", false, Special),
    ("bitwise_left_shift", false, Special),
    ("bitwise_not", false, Special),
    ("bitwise_or", false, Special),
    ("bitwise_right_shift", false, Special),
    ("bitwise_xor", false, Special),
    ("cbrt", false, Same),
    ("ceil", false, Same),
    ("ceiling", false, To("ceil")),
    ("cos", false, Same),
    ("cosh", false, Same),
    ("degrees", false, Same),
    ("e", false, Special),
    ("exp", false, Same),
    ("floor", false, Same),
    ("from_base", false, Fallible),
    ("infinity", false, Special),
    ("is_nan", false, To("isnan")),
    ("left_shift", false, Special),
    ("ln", false, Same),
    ("log", false, Same),
    ("log10", false, Same),
    ("log2", false, Same),
    ("mod", false, Special),
    ("nan", false, Special),
    ("pi", false, Same),
    ("pow", false, To("power")),
    ("power", false, Same),
    ("radians", false, Same),
    ("rand", false, Special),
    ("random", false, Special),
    ("right_shift", false, Special),
    ("right_shift_arithmetic", false, Special),
    ("round", false, Same),
    ("sign", false, To("signum")),
    ("sin", false, Same),
    ("sinh", false, Same),
    ("sqrt", false, Same),
    ("tan", false, Same),
    ("tanh", false, Same),
    ("to_base", false, Sls),
    ("truncate", false, To("trunc")),
    ("width_bucket", false, Sls),
    // Binary data.
    ("base64_decode", false, Special),
    ("base64_encode", false, Special),
    ("from_base64", false, Special),
    ("from_hex", false, Special),
    ("sha256", false, Special),
    ("sha512", false, Special),
    ("to_base64", false, Special),
    ("to_hex", false, Special),
    // Not here.
    ("approx_set", false, Refused(SKETCH)),
    ("array_shuffle", false, Refused(RANDOM)),
    ("checksum", false, Refused("the service does not say how it is computed")),
    ("empty_approx_set", false, Refused(SKETCH)),
    ("json_object_flatten", false, Refused("the service does not say which form it gives")),
    ("map_zip_with", false, Refused("a lambda of three parameters is not known here")),
    ("merge", false, Refused(SKETCH)),
    ("normalize", false, Refused("Unicode normalisation is not built in")),
    ("shuffle", false, Refused(RANDOM)),
    ("window_funnel", false, Refused("funnels are not built in")),
];

const SKETCH: &str = "HyperLogLog sketches are not built in, use `approx_distinct`";
const RANDOM: &str = "its result is random";
const MODEL: &str = "it is machine learning of the online service";
const SECURITY: &str = "the database of threats is the service's own";
const PHONE: &str = "the database of telephone numbers is the service's own";
const GEOMETRY: &str = "geometry is not built in";
const HASH: &str = "of hashes and encodings of binary data, SHA-2 and Base64 are built in";
const ESCAPE: &str = "escapes in texts are not built in";
const PICTURE: &str = "it draws for the console";
const STATISTICS: &str = "distribution functions are not built in";

/// Beginnings of names, or whole names, that are refused together.
const REFUSED: &[(&str, &str)] = &[
    ("ts_", MODEL),
    ("pattern_", MODEL),
    ("url_classify", MODEL),
    ("rca_", MODEL),
    ("kernel_density_estimation", MODEL),
    ("series_", MODEL),
    ("anomaly_", MODEL),
    ("log_reduce", MODEL),
    ("compare_log_reduce", MODEL),
    ("promql_", "metrics are not events"),
    ("security_check_", SECURITY),
    ("mobile_", PHONE),
    ("st_", GEOMETRY),
    ("geohash", GEOMETRY),
    ("geometry_", GEOMETRY),
    ("md5", HASH),
    ("sha1", HASH),
    ("xxhash64", HASH),
    ("hmac_", HASH),
    ("crc32", HASH),
    ("to_base64url", HASH),
    ("from_base64url", HASH),
    ("to_big_endian_", HASH),
    ("from_big_endian_", HASH),
    ("gzip_", HASH),
    ("ascii_", ESCAPE),
    ("unicode_unescape", ESCAPE),
    ("str_uuid", RANDOM),
    ("bar", PICTURE),
    ("color", PICTURE),
    ("render", PICTURE),
    ("rgb", PICTURE),
    ("beta_cdf", STATISTICS),
    ("chi_squared_cdf", STATISTICS),
    ("inverse_", STATISTICS),
    ("normal_cdf", STATISTICS),
    ("cosine_similarity", STATISTICS),
    ("convert_data_size", "units are not built in"),
    ("format_duration", "units are not built in"),
    ("format_data_size", "units are not built in"),
    ("parse_d", "units are not built in"),
    ("csv_extract_map", "CSV in a field is not read"),
    ("numeric_histogram_u", "use `numeric_histogram`"),
    ("histogram_u", "use `histogram`"),
];

/// Returns the reason why a function is refused whose name is not in the list.
pub(super) fn reason_to_refuse(name: &str) -> Option<&'static str> {
    let fits = |start: &str| if start.ends_with('_') { name.starts_with(start) } else { name == start };
    REFUSED.iter().find(|(start, _)| fits(start)).map(|(_, reason)| *reason)
}

/// Returns the names of the functions of SQL that statements may become, which the engine must have.
pub fn targets() -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (name, _, rule) in FUNCTIONS {
        match rule {
            Same => names.push((*name).to_owned()),
            To(to) => names.push((*to).to_owned()),
            Sls => names.push(format!("sls_{name}")),
            Fallible => names.extend([format!("sls_{name}"), format!("sls_try_{name}")]),
            Special | Refused(_) => {}
        }
    }
    names
}

/// Returns the names of the functions that the analysis part knows.
pub fn known() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().filter(|(_, _, rule)| !matches!(rule, Refused(_))).map(|(name, ..)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_listed_once() {
        let mut names: Vec<&str> = FUNCTIONS.iter().map(|(name, ..)| *name).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn functions_are_refused_with_a_reason() {
        for (name, reason) in [
            ("ts_predicate_arma", Some(MODEL)),
            ("security_check_ip", Some(SECURITY)),
            ("mobile_city", Some(PHONE)),
            ("md5", Some(HASH)),
            ("shapeless", None),
            ("barely", None),
        ] {
            assert_eq!(reason_to_refuse(name), reason, "{name}");
        }
    }
}
