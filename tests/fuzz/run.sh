#!/usr/bin/env bash
# Makes seeds out of sample-data and runs fuzz targets, one after the other; stops at the first finding.
#
# Usage: tests/fuzz/run.sh [TARGET [SECONDS]]     every target for 660 s, unless told otherwise
#
# Targets: decompress, framing, decode, csv, flattened, source, search, secret. Each tells in its `//!` what it demands.
# The target of planned statements is in `plan/`, with a script of its own.
#
# Some inputs are grown to a quarter of a MiB, and a target fails where its time grows faster than the input
# (`src/cost.rs`).
#
# Needs rustup's nightly toolchain and cargo-fuzz (`cargo install cargo-fuzz`). A finding is left in
# tests/fuzz/artifacts/TARGET/: give that file to `cargo +nightly fuzz run --fuzz-dir tests/fuzz TARGET FILE` to see it
# again, and to `... fuzz tmin ...` for a smaller one.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${2:-660}
targets=(decompress framing decode csv flattened source search secret)
if [ $# -gt 0 ]; then targets=("$1"); fi

cargo run --quiet --locked --example seeds
for target in "${targets[@]}"; do
    echo "== $target, $seconds s"
    cargo +nightly fuzz run --fuzz-dir . "$target" -- \
        -max_total_time="$seconds" -timeout=60 -rss_limit_mb=2048 -max_len=8192 -print_final_stats=1
done
