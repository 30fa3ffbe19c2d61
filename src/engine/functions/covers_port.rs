//! `covers_port(ranges, ports)`: `true` if one of some ranges of ports has one of some ports.
//!
//! Both are texts with commas: `covers_port('tcp 22/22,udp 1/65535', '22,3389')`. A range begins with its protocol, as
//! `world_open_ports` writes it; `-1/-1` are all ports. ICMP and GRE have none.

use super::of_texts::{Compute, of_texts};
use datafusion::logical_expr::ScalarUDF;

/// Makes the function.
pub fn covers_port() -> ScalarUDF {
    of_texts("covers_port", 2, Compute::Flag(|texts| Some(covers(texts.first()?, texts.get(1)?))))
}

fn covers(ranges: &str, ports: &str) -> bool {
    let ports: Vec<u16> = ports.split(',').filter_map(|port| port.trim().parse().ok()).collect();
    ranges.split(',').any(|range| {
        let Some((protocol, range)) = range.trim().split_once(' ') else { return false };
        let Some((from, to)) = range.trim().split_once('/') else { return false };
        let (Ok(from), Ok(to)) = (from.trim().parse::<i32>(), to.trim().parse::<i32>()) else { return false };
        let has_ports = matches!(protocol.to_ascii_lowercase().as_str(), "tcp" | "udp" | "all");
        has_ports && ports.iter().any(|port| (from, to) == (-1, -1) || (from..=to).contains(&i32::from(*port)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_have_their_ends() {
        for (ranges, ports, expected) in [
            ("tcp 22/22", "22,3389", true),
            ("tcp 23/3388", "22,3389", false),
            ("tcp 23/3389", "22,3389", true),
            ("udp 80/80,tcp 1/22", "22", true),
            ("all -1/-1", "22", true),
            ("icmp -1/-1", "22", false),
            ("tcp 22", "22", false),
            ("tcp 22/22", "", false),
        ] {
            assert_eq!(covers(ranges, ports), expected, "{ranges} {ports}");
        }
    }
}
