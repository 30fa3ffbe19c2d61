//! Names JSON that is not ActionTrail's, so that a user learns what lies among the exports.

use crate::event::json::Members;

/// Events that Alibaba Cloud itself writes ("Inner-ActionTrail") have PascalCase keys and another schema.
pub fn is_platform_event(members: &Members<'_>) -> bool {
    ["EventProduct", "EventLocation", "ResourceOwnerID"].into_iter().any(|key| members.has(key))
}

/// Names an object that is no event and wraps none.
pub fn name(members: &Members<'_>) -> &'static str {
    let has = |key| members.has(key);
    if is_platform_event(members) {
        "a platform event (Inner-ActionTrail), which has another schema"
    } else if has("Records") || has("awsRegion") {
        "a log file of AWS CloudTrail, not of ActionTrail"
    } else if has("operationName") && has("resourceId") {
        "an activity log of Azure, not of ActionTrail"
    } else if has("protoPayload") {
        "an audit log of Google Cloud, not of ActionTrail"
    } else if has("events") {
        "a notification of OSS, not an event"
    } else if has("TrailList") {
        "a response of DescribeTrails, not events"
    } else if has("IsLogging") {
        "a response of GetTrailStatus, not events"
    } else if members.0.iter().any(|(key, _)| key.contains("EventSelector")) {
        "the selectors of a trail, not events"
    } else if has("configuration") || has("sink") && has("logstore") {
        "the configuration of an SLS job, not events"
    } else if has("SlsProjectArn") || has("OssBucketName") {
        "the configuration of a trail, not events"
    } else if has("__time__") || has("__topic__") {
        "an SLS log without an ActionTrail event"
    } else {
        "a JSON object that is not an ActionTrail event"
    }
}
