#!/usr/bin/env bash
# Measures what adding one day to a large lake costs in memory: it must not depend on how many days the lake has.
#
#   benches/identity_memory.sh [EVENTS] [DAYS] [FOLDER]      10,000,000 events over 365 days in /tmp by default
#
# Builds a lake from the invented corpus, then adds the same extra day to an empty lake and to the large one, and prints
# the peak memory (maximum resident set size, from /usr/bin/time) and the time of both. The extra day lies among the days of the
# large lake, so its identities have to be loaded. Needs GNU time (`apt-get install time`) and about 4 GB of disk.
set -euo pipefail
cd "$(dirname "$0")/.."

events="${1:-10000000}"
days="${2:-365}"
folder="${3:-$(mktemp -d)}"
target="${CARGO_TARGET_DIR:-target}"
limit="${TRAILQL_BENCH_MEMORY:-512MiB}"

cargo build --release --locked --bin trailql --example corpus
trailql="$target/release/trailql"
corpus="$target/release/examples/corpus"
per_day=$((events / days))

mkdir -p "$folder"
"$corpus" --events "$events" --days "$days" --seed 1 "$folder/years"
# Another seed makes other events; a corpus of one day lies on the first day of the longer one.
"$corpus" --events "$per_day" --days 1 --seed 2 "$folder/day"

measure() {
    local name="$1"
    shift
    /usr/bin/time -v "$@" >"$folder/$name.out" 2>"$folder/$name.err" || { cat "$folder/$name.err" >&2; exit 1; }
    local peak elapsed
    peak="$(awk -F': ' '/Maximum resident set size/ { print $2 }' "$folder/$name.err")"
    elapsed="$(awk '/Elapsed \(wall clock\)/ { print $NF }' "$folder/$name.err")"
    printf '%-28s peak %8.1f MiB   time %s\n' "$name" "$(awk -v k="$peak" 'BEGIN { print k / 1024 }')" "$elapsed"
}

ingest() {
    measure "$1" "$trailql" ingest --memory-limit "$limit" --lake "$2" "$3"
}

ingest all-days-into-new-lake "$folder/large" "$folder/years"
ingest one-day-into-new-lake "$folder/empty" "$folder/day"
ingest one-day-into-large-lake "$folder/large" "$folder/day"
# All of it again from other paths, so that nothing is skipped and every event is a duplicate that must be recognised.
cp -r "$folder/day" "$folder/day-again"
ingest same-day-again "$folder/large" "$folder/day-again"
"$trailql" lake info --lake "$folder/large"
measure verify-large-lake "$trailql" lake verify --lake "$folder/large"
cat "$folder/verify-large-lake.out"
echo "files are left in $folder"
