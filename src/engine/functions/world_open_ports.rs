//! `world_open_ports(request_parameters)`: the ports that the rules of a request open to every address.
//!
//! An item is the protocol and the range (`tcp 22/22`), or `all -1/-1` for all ports. Rules that drop are left out. The
//! parameters of one rule stand at the top, those of several below `Permissions`. NULL where no rule opens anything.

use super::flat_json::scalars;
use super::of_texts::{Compute, of_texts};
use datafusion::logical_expr::ScalarUDF;
use ipnet::IpNet;
use std::collections::BTreeMap;

/// Makes the function.
pub fn world_open_ports() -> ScalarUDF {
    of_texts("world_open_ports", 1, Compute::List(|texts| open_ports(texts.first()?)))
}

/// A rule of a security group.
#[derive(Default)]
struct Rule {
    is_for_all: bool,
    drops: bool,
    protocol: Option<String>,
    ports: Option<String>,
}

fn open_ports(json: &str) -> Option<Vec<String>> {
    let mut rules: BTreeMap<String, Rule> = BTreeMap::new();
    for (parts, text) in scalars(json)? {
        let (place, name) = match parts.as_slice() {
            [name] => (String::new(), name),
            [list, place, name] if list.eq_ignore_ascii_case("Permissions") => (place.clone(), name),
            _ => continue,
        };
        let rule = rules.entry(place).or_default();
        match name.to_ascii_lowercase().as_str() {
            "sourcecidrip" | "ipv6sourcecidrip" => rule.is_for_all |= is_every_address(&text),
            "policy" => rule.drops = text.trim().eq_ignore_ascii_case("drop"),
            "ipprotocol" => rule.protocol = Some(text.trim().to_ascii_lowercase()),
            "portrange" => rule.ports = Some(text.trim().to_owned()),
            _ => {}
        }
    }
    let open = rules.into_values().filter(|rule| rule.is_for_all && !rule.drops).map(|rule| {
        let (protocol, ports) = (rule.protocol, rule.ports);
        format!("{} {}", protocol.as_deref().unwrap_or("all"), ports.as_deref().unwrap_or("-1/-1"))
    });
    Some(open.collect::<Vec<_>>()).filter(|open| !open.is_empty())
}

fn is_every_address(text: &str) -> bool {
    text.split(',').any(|network| network.trim().parse::<IpNet>().is_ok_and(|network| network.prefix_len() == 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_found_in_every_form() {
        for (json, expected) in [
            (r#"{"SourceCidrIp":"0.0.0.0/0","IpProtocol":"TCP","PortRange":"22/22"}"#, Some(&["tcp 22/22"][..])),
            (r#"{"Ipv6SourceCidrIp":"::/0","IpProtocol":"all"}"#, Some(&["all -1/-1"])),
            (r#"{"sourceCidrIp":"0.0.0.0/0"}"#, Some(&["all -1/-1"])),
            (r#"{"SourceCidrIp":"0.0.0.0/0","Policy":"Drop","PortRange":"22/22"}"#, None),
            (r#"{"SourceCidrIp":"10.0.0.0/8","IpProtocol":"tcp","PortRange":"22/22"}"#, None),
            (r#"{"SourceCidrIp":"0.0.0.0"}"#, None),
            (
                r#"{"Permissions.1.SourceCidrIp":"10.0.0.0/8","Permissions.1.PortRange":"22/22",
                    "Permissions.2.SourceCidrIp":"0.0.0.0/0","Permissions.2.PortRange":"80/80","Permissions.2.IpProtocol":"TCP"}"#,
                Some(&["tcp 80/80"]),
            ),
            (
                r#"{"Permissions":[{"SourceCidrIp":"0.0.0.0/0","Policy":"drop"},{"Ipv6SourceCidrIp":"::/0","PortRange":"1/65535","IpProtocol":"udp"}]}"#,
                Some(&["udp 1/65535"]),
            ),
            (
                r#"{"Permissions":"[{\"SourceCidrIp\":\"0.0.0.0/0\",\"IpProtocol\":\"tcp\",\"PortRange\":\"3389/3389\"}]"}"#,
                Some(&["tcp 3389/3389"]),
            ),
            (r#"{"DestCidrIp":"0.0.0.0/0"}"#, None),
            ("", None),
        ] {
            assert_eq!(
                open_ports(json),
                expected.map(|items| items.iter().map(ToString::to_string).collect()),
                "{json}"
            );
        }
    }
}
