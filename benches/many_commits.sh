#!/usr/bin/env bash
# Measures what the number of commits and of data files costs, and what `lake compact` gives back.
#
#   benches/many_commits.sh [HUNDREDS] [FOLDER]      100 hundreds (10,016 commits) in a temporary folder by default
#
# Makes a lake as hourly runs do over 14 months: 24 files a day of 20 events each, one commit a file. A run looks at all
# sources before it, so each hundred is ingested into a lake of its own, and their entries are then chained into one
# manifest. Prints the time (elapsed seconds, the best of three) and the peak memory of some commands before and after
# `lake compact --gc`, and verifies both. Needs GNU time (`apt-get install time`), Python 3, and about 2 GB of disk.
# TRAILQL_BENCH_BIN and TRAILQL_BENCH_CORPUS name binaries that are there already.
set -euo pipefail
cd "$(dirname "$0")/.."

hundreds="${1:-100}"
folder="${2:-$(mktemp -d)}"
target="${CARGO_TARGET_DIR:-target}"
# The last commit, which trailql makes itself, writes a checkpoint.
commits=$((hundreds * 100 / 32 * 32 + 32))

if [ -z "${TRAILQL_BENCH_BIN:-}" ]; then
    cargo build --release --locked --bin trailql --example corpus
fi
trailql="${TRAILQL_BENCH_BIN:-$target/release/trailql}"
corpus="${TRAILQL_BENCH_CORPUS:-$target/release/examples/corpus}"
lake="$folder/lake"

mkdir -p "$folder"
"$corpus" --events $((commits * 20)) --days $((commits / 24)) --per-file 20 --seed 7 "$folder/in"
find "$folder/in" -name '*.gz' | sort >"$folder/files"

# A copy stands a few files behind its event, so each hundred begins some files before, whose commits are left out then.
before=8
hundred() {
    local first=$(($1 * 100 - before))
    sed -n "$((first > 0 ? first + 1 : 1)),$(($1 * 100 + 100))p" "$folder/files" | head -n -$(($1 == hundreds ? 1 : 0)) |
        while read -r file; do "$trailql" ingest --quiet --lake "$folder/part-$1" "$file" >"$folder/part-$1.out" </dev/null; done
}
for number in $(seq 0 "$hundreds"); do
    hundred "$number" &
    if [ "$(jobs -r | wc -l)" -ge "$(nproc)" ]; then wait -n; fi
done
wait

python3 - "$folder" "$hundreds" "$before" <<'PYTHON'
import hashlib, json, os, sys

folder, hundreds, before = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
lake = os.path.join(folder, "lake")
for name in ["events", "sources", "rejects", "copies", "_manifest"]:
    os.makedirs(os.path.join(lake, name))

def text(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()

version, previous = 0, None
for number in range(hundreds + 1):
    part = os.path.join(folder, f"part-{number}")
    manifest = os.path.join(part, "_manifest")
    if not os.path.isdir(manifest):
        continue
    names = sorted(name for name in os.listdir(manifest) if name[:-5].isdigit())
    for name in names[before if number else 0:]:
        entry = json.load(open(os.path.join(manifest, name)))
        for file in entry["added"] + entry["sources"] + entry["rejects"] + entry.get("copies", []):
            path = os.path.join(lake, file["path"])
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.replace(os.path.join(part, file["path"]), path)
        version += 1
        del entry["digest"]
        entry["version"], entry["previous_sha256"] = version, previous
        entry["digest"] = hashlib.sha256(text(entry)).hexdigest()
        data = text(entry)
        previous = hashlib.sha256(data).hexdigest()
        with open(os.path.join(lake, "_manifest", f"{version:020}.json"), "wb") as out:
            out.write(data)
with open(os.path.join(lake, "_manifest", "head.json"), "wb") as out:
    out.write(text({"version": version, "sha256": previous}))
PYTHON
"$trailql" ingest --quiet --lake "$lake" "$(tail -n 1 "$folder/files")" >"$folder/last.out"

measure() {
    local name="$1" best=""
    shift
    for _ in 1 2 3; do
        /usr/bin/time -f '%e %M' -o "$folder/time" "$@" >"$folder/out" 2>"$folder/err" || { cat "$folder/err" >&2; exit 1; }
        best="$(printf '%s\n' "$best" "$(tail -n 1 "$folder/time")" | grep . | sort -n | head -n 1)"
    done
    awk -v name="$name" '{ printf "  %-48s %8.2f s  %8.1f MiB\n", name, $1, $2 / 1024 }' <<<"$best"
}

questions() {
    echo "$1: $(find "$lake/_manifest" -name '*.json' | wc -l) manifest files, $(du -sm "$lake/_manifest" | cut -f1) MiB"
    measure "lake info" "$trailql" lake info --lake "$lake"
    measure "sql 'SELECT 1'" "$trailql" sql 'SELECT 1' --lake "$lake"
    measure "sql 'SELECT count(*) FROM events'" "$trailql" sql 'SELECT count(*) FROM events' --lake "$lake"
    measure "sql 'SELECT count(DISTINCT path) FROM sources'" "$trailql" sql 'SELECT count(DISTINCT path) FROM sources' --lake "$lake"
    measure "query root_console_login" "$trailql" query root_console_login --lake "$lake"
    measure "query root_console_login --since 7d" "$trailql" query root_console_login --since 7d --lake "$lake"
    measure "ingest (nothing new)" "$trailql" ingest --lake "$lake" "$(tail -n 1 "$folder/files")"
    /usr/bin/time -f '  lake verify: %e s, %M KiB' "$trailql" lake verify --lake "$lake" | tail -n 1
}

questions "before"
/usr/bin/time -f 'compact: %e s, %M KiB' "$trailql" lake compact --gc --keep 0m --lake "$lake"
questions "after"
"$trailql" lake info --lake "$lake"
