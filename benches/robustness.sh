#!/usr/bin/env bash
# Measures what hostile and oversized inputs cost: outcome, seconds and peak memory of `trailql ingest` for each.
#
# Usage: benches/robustness.sh [TRAILQL [FOLDER]]     needs python3, GNU time and about 3 GB below FOLDER
set -euo pipefail
trailql=${1:-trailql}
folder=$(mktemp -d "${2:-${TMPDIR:-/tmp}}/trailql-robustness.XXXXXX")
trap 'rm -rf "$folder"' EXIT

python3 - "$folder" <<'PYTHON'
import gzip, json, sys
folder = sys.argv[1]
def event(n, **more):
    return {"eventId": f"00000000-0000-4000-8000-{n:012}", "eventName": "DescribeInstances", "eventRW": "Read",
            "eventTime": f"2026-11-{1 + n % 28:02}T{n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02}Z",
            "eventVersion": 1, "userIdentity": {"type": "ram-user", "accountId": "1000000000000001"}, **more}
filler = "x" * 1600
with open(f"{folder}/one-line-2gb.json", "w") as out:          # one array of 2 GB on one line
    out.write("[" + json.dumps(event(0)))
    n = 1
    while out.tell() < 2 << 30:
        out.write("".join("," + json.dumps(event(n + i, requestParameters={"Filler": filler})) for i in range(10_000)))
        n += 10_000
    out.write("]")
with open(f"{folder}/string-100mb.json", "w") as out:          # one string of 100 MB, and a good event behind it
    out.write(json.dumps(event(1, errorMessage="y" * 100_000_000)) + "\n" + json.dumps(event(2)) + "\n")
with open(f"{folder}/deep-10000.json", "w") as out:            # nested 10,000 deep, and a good event behind it
    out.write('{"eventId":"a","eventName":"b","requestParameters":' + "[" * 10_000 + "]" * 10_000 + "}\n" + json.dumps(event(3)))
with gzip.open(f"{folder}/bomb.gz", "wb", 9) as out:           # 2 GB of zeros in 2 MB
    out.write(b"[" + json.dumps(event(4)).encode() + b",")
    for _ in range(2048):
        out.write(bytes(1 << 20))
PYTHON

printf '%-20s %10s %10s %10s %8s %10s\n' case read stored rejected seconds 'peak MiB'
for file in one-line-2gb.json string-100mb.json deep-10000.json bomb.gz; do
    lake="$folder/lake-$file"
    /usr/bin/time -f '%e %M' -o "$folder/time" "$trailql" -q ingest "$folder/$file" --lake "$lake" --memory-limit 512MiB \
        > "$folder/out" 2> "$folder/err" || true
    read -r seconds peak < <(tail -n 1 "$folder/time")
    read -r _ _ read stored _ rejected < <(grep '^all' "$folder/out" || echo 'all 0 0 0 0 0')
    printf '%-20s %10s %10s %10s %8s %10s\n' "$file" "$read" "$stored" "$rejected" "$seconds" "$((peak / 1024))"
done
