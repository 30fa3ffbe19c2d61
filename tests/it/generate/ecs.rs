//! ECS operations that decide who the first login user of an instance is, and Cloud Assistant commands.

use chrono::{DateTime, Utc};

use super::api::{Api, call, resource_id};
use super::event::Draft;
use super::identity::Caller;
use super::json::{Json, object};
use super::random::Random;

/// How a request says whether the first login user is root. All of these occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// Nothing said: root.
    Absent,
    /// The flat key `ImageOptions.LoginAsNonRoot` with a boolean.
    Flat(bool),
    /// The flat key with a word.
    FlatText(&'static str),
    /// The flat key in lower case.
    FlatLowerCase(bool),
    /// `ImageOptions` as an object.
    Nested(bool),
    /// `ImageOptions` as an object written into a string.
    NestedText(bool),
    /// `LoginAsNonRoot` without `ImageOptions`.
    Bare(bool),
}

/// Adds what the request says about the first login user.
pub fn with_login(draft: Draft, login: Login) -> Draft {
    match login {
        Login::Absent => draft,
        Login::Flat(value) => draft.parameter("ImageOptions.LoginAsNonRoot", value),
        Login::FlatText(value) => draft.parameter("ImageOptions.LoginAsNonRoot", value),
        Login::FlatLowerCase(value) => draft.parameter("imageoptions.loginasnonroot", value),
        Login::Nested(value) => draft.parameter("ImageOptions", object! { "LoginAsNonRoot": value }),
        Login::NestedText(value) => {
            let text = object! { "LoginAsNonRoot": if value { "true" } else { "false" } }.compact();
            draft.parameter("ImageOptions", text)
        }
        Login::Bare(value) => draft.parameter("LoginAsNonRoot", value),
    }
}

/// How a request names the image of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Image {
    Linux,
    /// An image id that starts with `win`.
    WindowsId,
    /// An image id with `windows` inside it.
    WindowsInId,
    /// An image family of Windows.
    WindowsFamily,
    /// A private image; the request says the system in a parameter of this name.
    WindowsSystem(&'static str),
}

/// Adds what the request says about the image.
pub fn with_image(draft: Draft, image: Image) -> Draft {
    match image {
        Image::Linux => draft.parameter("ImageId", "aliyun_3_x64_20G_alibase_20260915.vhd"),
        Image::WindowsId => draft.parameter("ImageId", "win2022_21H2_x64_dtc_ja-jp_40G_alibase_20260910.vhd"),
        Image::WindowsInId => draft.parameter("ImageId", "m-EXAMPLE-Windows-Server-2022"),
        Image::WindowsFamily => draft.parameter("ImageFamily", "acs:Windows_2022"),
        Image::WindowsSystem(key) => draft.parameter("ImageId", "m-EXAMPLE000000000001").parameter(key, "Windows"),
    }
}

/// The operations of the catalogue's rule that make an instance or replace its system disk.
pub const RUN_INSTANCES: Api = ecs("RunInstances");
pub const CREATE_INSTANCE: Api = ecs("CreateInstance");
pub const CREATE_INSTANCES: Api = ecs("CreateInstances");
pub const CREATE_ORDER: Api = ecs("CreateOrder");
pub const REPLACE_SYSTEM_DISK: Api = ecs("ReplaceSystemDisk");
pub const ATTACH_DISK: Api = ecs("AttachDisk");
pub const REINIT_DISK: Api = ecs("ReInitDisk");
pub const RUN_COMMAND: Api = ecs("RunCommand");
pub const INVOKE_COMMAND: Api = ecs("InvokeCommand");

/// An ECS operation that changes something.
pub const fn ecs(name: &'static str) -> Api {
    Api { service: "Ecs", host: "ecs", version: "2014-05-26", name, write: true, resource: None }
}

/// An instance is made, or its system disk set up anew.
pub fn provision(
    random: &mut Random,
    time: DateTime<Utc>,
    caller: &Caller,
    operation: &Api,
    region: &str,
    image: Image,
    login: Login,
) -> Draft {
    let mut draft = call(random, time, caller, operation, region);
    let instance = resource_id(random, "i-");
    match operation.name {
        "RunInstances" | "CreateInstance" | "CreateInstances" | "CreateOrder" => {
            draft = with_image(draft, image)
                .parameter("InstanceType", *random.pick(&["ecs.g8i.large", "ecs.c8i.xlarge", "ecs.gn7i-c8g1.2xlarge"]))
                .parameter("SecurityGroupId", "sg-EXAMPLE000000000001")
                .parameter("VSwitchId", "vsw-EXAMPLE000000000001")
                .parameter("Amount", 1)
                .parameter("SystemDisk.Category", "cloud_essd");
            draft = with_login(draft, login).resource("ACS::ECS::Instance", &instance);
            let ids = object! { "InstanceIdSet": Json::List(vec![Json::from(&instance)]) };
            draft.response = Some(object! { "RequestId": &draft.request_id, "InstanceIdSets": ids });
        }
        _ => {
            let disk = resource_id(random, "d-");
            draft = draft.parameter("InstanceId", &instance).parameter("DiskId", &disk);
            draft = with_login(with_image(draft, image), login);
            draft = draft.resource("ACS::ECS::Instance", &instance).resource("ACS::ECS::Disk", &disk);
            draft.response = Some(object! { "RequestId": &draft.request_id, "DiskId": disk });
        }
    }
    draft
}

/// A Cloud Assistant command; `user` is the parameter `Username`, left out when `None`.
pub fn command(
    random: &mut Random,
    time: DateTime<Utc>,
    caller: &Caller,
    operation: &Api,
    region: &str,
    user: Option<&str>,
) -> Draft {
    let instance = resource_id(random, "i-");
    let mut draft = call(random, time, caller, operation, region)
        .parameter("Type", "RunShellScript")
        .parameter("InstanceId.1", &instance)
        .parameter("Timeout", 60);
    if let Some(user) = user {
        draft = draft.parameter("Username", user);
    }
    draft.response = Some(object! {
        "RequestId": &draft.request_id,
        "CommandId": format!("c-EXAMPLE{}", random.alphanumeric(8)),
        "InvokeId": format!("t-EXAMPLE{}", random.alphanumeric(8)),
    });
    draft.resource("ACS::ECS::Instance", instance)
}
