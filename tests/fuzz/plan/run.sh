#!/usr/bin/env bash
# Makes seeds out of the statements of tests/slt and tests/search, and fuzzes planning and answering.
#
# Usage: tests/fuzz/plan/run.sh [SECONDS]     660 s, unless told otherwise
#
# Needs a C++ compiler. A finding is left in tests/fuzz/plan/artifacts/: give that file to the binary to see it again.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-660}

mkdir -p corpus artifacts
# A paragraph is `query …`, the statement, `----` and rows.
awk 'BEGIN { RS = ""; FS = "\n" }
/^(query|statement)/ {
    file = sprintf("corpus/slt-%s-%03d", FILENAME, FNR); gsub("[./]+", "-", file); sub("^corpus-", "corpus/", file)
    for (line = 2; line <= NF && $line != "----"; line++) print $line > file
    close(file)
}' ../../slt/*/*.slt
awk 'BEGIN { RS = ""; FS = "\n" }
{ file = sprintf("corpus/search-%03d", FNR); for (line = 1; line <= NF && $line !~ /^=>/; line++) print $line > file; close(file) }
' ../../search/statements.txt

RUSTC_WRAPPER="$PWD/instrument.sh" cargo build --quiet --release --locked
binary=${CARGO_TARGET_DIR:-target}/release/plan
exec "$binary" corpus -artifact_prefix=artifacts/ -max_total_time="$seconds" -timeout=60 -rss_limit_mb=4096 -max_len=2048 \
    -print_final_stats=1
