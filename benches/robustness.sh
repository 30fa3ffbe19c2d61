#!/usr/bin/env bash
# Measures what hostile, oversized and broken-off inputs cost: for every case its outcome, seconds and peak memory
# (maximum resident set size), and whether that is under the memory limit. Exits 1 where a case does not come out as it
# must, or takes more memory.
#
# Usage: benches/robustness.sh [TRAILQL [FOLDER]]     needs python3 and GNU time, and about 8 GB below FOLDER
#
#   TRAILQL_BENCH_MEMORY=512MiB    the limit; the default of trailql
#   TRAILQL_BENCH_FILES=1000000    tiny files of one event each; 0 leaves the case out
#   TRAILQL_BENCH_BYTES=2147483648 size of the array on one line, and of what the bomb unpacks to
#
# The case of the full disk mounts a small tmpfs in a namespace of its own and is left out where that is not permitted.
set -euo pipefail
trailql=$(command -v "${1:-trailql}")
limit=${TRAILQL_BENCH_MEMORY:-512MiB}
files=${TRAILQL_BENCH_FILES:-1000000}
bytes=${TRAILQL_BENCH_BYTES:-2147483648}
folder=$(mktemp -d "${2:-${TMPDIR:-/tmp}}/trailql-robustness.XXXXXX")
trap 'rm -rf "$folder"' EXIT
limit_kib=$(numfmt --from=iec-i --suffix=B "${limit%B}B" | sed 's/B$//' | awk '{ print int($1 / 1024) }')
cd "$folder"
# Events in each of the 400 files of the runs that are broken off.
per_file=$((bytes >> 22))
export TRAILQL_MEMORY_LIMIT=$limit

python3 - "$files" "$bytes" <<'PYTHON'
import base64, gzip, json, os, sys
files, size = int(sys.argv[1]), int(sys.argv[2])
def event(n, **more):
    return {"eventId": f"00000000-0000-4000-8000-{n:012}", "eventName": "DescribeInstances", "eventRW": "Read",
            "eventTime": f"2026-11-{1 + n % 28:02}T{n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02}Z",
            "eventVersion": 1, "userIdentity": {"type": "ram-user", "accountId": "1000000000000001"}, **more}
def save(path, *events):
    os.makedirs(os.path.dirname(path) or b".", exist_ok=True)
    with open(path, "w") as out:
        out.write("".join(json.dumps(event) + "\n" for event in events))
filler = "x" * 1600
with open("one-line.json", "w") as out:          # one array on one line
    out.write("[" + json.dumps(event(0)))
    n = 1
    while out.tell() < size:
        out.write("".join("," + json.dumps(event(n + i, requestParameters={"Filler": filler})) for i in range(10_000)))
        n += 10_000
    out.write("]")
print(n, file=open("one-line.count", "w"))
with open("string-100mb.json", "w") as out:      # one string of 100 MB, and a good event behind it
    out.write(json.dumps(event(1, errorMessage="y" * 100_000_000)) + "\n" + json.dumps(event(2)) + "\n")
with open("string-30mb.json", "w") as out:       # one that is within the limit of a record, and not of an event
    for n in range(8):
        out.write(json.dumps(event(n, errorMessage="y" * 30_000_000)) + "\n" + json.dumps(event(10 + n)) + "\n")
with open("string-5mb.json", "w") as out:        # one that is within both, many times
    for n in range(100):
        out.write(json.dumps(event(n, errorMessage="y" * 5_000_000)) + "\n")
for n in range(8):                               # the same that cannot be packed, and that is kept twice: in a column and whole
    os.makedirs("twice", exist_ok=True)
    with open(f"twice/{n}.json", "w") as out:
        for i in range(10):
            text = base64.b64encode(os.urandom(1_900_000)).decode()
            record = json.dumps(event(n * 10 + i, errorMessage=text))[:-1] + f', "errorMessage": "{text}"}}'
            out.write(json.dumps({"__time__": 1, "event": record}) + "\n")
with open("deep-10000.json", "w") as out:        # nested 10,000 deep, and a good event behind it
    out.write('{"eventId":"a","eventName":"b","requestParameters":' + "[" * 10_000 + "]" * 10_000 + "}\n" + json.dumps(event(3)))
with gzip.open("bomb.gz", "wb", 9) as out:       # zeros, a thousand times as many as the file has bytes
    out.write(b"[" + json.dumps(event(4)).encode() + b",")
    for _ in range(size >> 20):
        out.write(bytes(1 << 20))
save("loop/a.json", event(1))
os.symlink(".", "loop/again")
for name, n in [(b"names/caf\xe9.json", 1), (b"names/caf\xe8.json", 2), ("names/café.json".encode(), 3)]:
    save(name, event(n))
save("read-only/folder/a.json", event(1))
os.chmod("read-only/folder/a.json", 0o400)
os.chmod("read-only/folder", 0o555)
per_file = size >> 22
for n in range(400):                             # for the runs that are broken off, and for files that vanish
    save(f"many/{n:03}.json", *(event(n * per_file + i, requestParameters={"Filler": filler}) for i in range(per_file)))
for n in range(files):
    if n % 1000 == 0:
        os.makedirs(f"tiny/{n // 1000:04}")
    with open(f"tiny/{n // 1000:04}/{n:07}.json", "w") as out:
        out.write(json.dumps(event(n)))
PYTHON

failed=0
# row NAME OUTCOME GOOD: reports the last measured command
row() {
    local seconds peak under=yes good=$3
    read -r seconds peak < <(tail -n 1 time)
    if [ "$peak" -ge "$limit_kib" ]; then under=NO; good=NO; fi
    if [ "$good" != yes ]; then failed=1; fi
    printf '%-26s %-58s %8s %8s %6s %5s\n' "$1" "$2" "$seconds" "$((peak / 1024))" "$under" "$good"
}
# measure EXIT COMMAND...: runs a command, leaves its output in `out` and `err`, and whether it exited so in $good
measure() {
    local expected=$1 code=0
    shift
    /usr/bin/time -q -f '%e %M' -o time "$@" >out 2>err </dev/null || code=$?
    good=yes
    if [ "$code" != "$expected" ]; then good="exit $code"; fi
}
counts() { grep '^all' out | awk '{ print "read " $3 ", stored " $4 ", duplicate " $5 ", rejected " $6 }' || true; }
value() { "$trailql" -q sql "$2" --lake "$1" -F csv | tail -n 1; }
# sound LAKE EVENTS: every event once, all accounted for
sound() {
    local found
    found=$(value "$1" 'SELECT count(*) = count(DISTINCT event_id) AND count(*) = '"$2"' FROM events')
    if [ "$found" != true ] || ! "$trailql" -q lake verify --lake "$1" >/dev/null; then good=NO; fi
}
# case NAME INPUT EXIT EVENTS
ingest_case() {
    measure "$3" "$trailql" -q ingest "$2" --lake "lake-$1"
    sound "lake-$1" "$4"
    row "$1" "$(counts)" "$good"
    rm -rf "lake-$1"
}
# pid of trailql below the GNU time that was started in the background
child() {
    local pid
    until pid=$(pgrep -P "$1") || ! kill -0 "$1" 2>/dev/null; do sleep 0.01; done
    echo "$pid"
}

printf 'memory limit %s, %s\n' "$limit" "$("$trailql" --version)"
printf '%-26s %-58s %8s %8s %6s %5s\n' case outcome seconds 'peak MiB' under good
ingest_case one-array-on-one-line one-line.json 0 "$(cat one-line.count)"
rm one-line.json
ingest_case string-of-100-MB string-100mb.json 0 1
ingest_case strings-of-30-MB string-30mb.json 0 8
ingest_case strings-of-5-MB string-5mb.json 0 100
ingest_case strings-kept-twice twice 0 80
ingest_case nested-10000-deep deep-10000.json 0 1
ingest_case gzip-bomb bomb.gz 0 1
ingest_case symlink-loop loop 0 1
ingest_case names-not-UTF-8 names 0 3
ingest_case read-only-input read-only 0 1

measure 0 "$trailql" -q ingest read-only --lake small
chmod -R a-w small
measure 0 "$trailql" -q sql 'SELECT count(*) FROM events' --lake small
row read-only-lake-query "$(sed -n 3p out | tr -d ' ') event" "$good"
chmod -R u+w small

# Files that vanish while the run is at work on those before them.
cp -r many vanishing
/usr/bin/time -q -f '%e %M' -o time "$trailql" -q ingest vanishing --lake lake-vanishing --threads 1 >out 2>err &
job=$!
until [ -d lake-vanishing/events ]; do sleep 0.01; done
rm -f vanishing/3*.json
good=yes
wait "$job" || good=NO
gone=$(grep -c 'No such file' err || true)
sound lake-vanishing "$(((400 - gone) * per_file))"
row vanishing-input "$(counts), $gone files gone" "$good"
rm -rf vanishing lake-vanishing

# kill -9 at twenty moments; then the same command completes it.
good=yes
for moment in $(seq 1 20); do
    /usr/bin/time -q -f '%e %M' -o time "$trailql" -q ingest many --lake lake-killed >out 2>err &
    job=$!
    pid=$(child "$job")
    sleep "$(awk -v m="$moment" 'BEGIN { print m * m * 0.01 }')"
    kill -9 ${pid:+"$pid"} 2>/dev/null || true
    wait "$job" 2>/dev/null || true
    if [ -d lake-killed/_manifest ] && ! "$trailql" -q lake verify --lake lake-killed >/dev/null; then good=NO; fi
done
killed=$good
measure 0 "$trailql" -q ingest many --lake lake-killed
sound lake-killed "$((400 * per_file))"
if [ "$killed" != yes ]; then good=NO; fi
row kill-9-then-again "$(counts)" "$good"
rm -rf lake-killed

# Two runs at once.
/usr/bin/time -q -f '%e %M' -o time-first "$trailql" -q ingest many --lake lake-two >out-first 2>err-first &
job=$!
measure 0 "$trailql" -q ingest many --lake lake-two
wait "$job" || good=NO
sound lake-two "$((400 * per_file))"
row two-at-once-one "$(counts)" "$good"
cp time-first time
cp out-first out
row two-at-once-other "$(counts)" "$good"
rm -rf lake-two

# Ctrl-C once, and the same command again. A job in the background ignores SIGINT, so it is started by python3.
python3 - "$trailql" >code <<'PYTHON' || true
import signal, subprocess, sys, time
out, err = open("out", "w"), open("err", "w")
run = subprocess.Popen(["/usr/bin/time", "-q", "-f", "%e %M", "-o", "time", sys.argv[1], "ingest", "many", "--lake", "lake-stopped"],
                       stdout=out, stderr=err, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
pid = None
while pid is None:
    found = subprocess.run(["pgrep", "-P", str(run.pid)], capture_output=True, text=True).stdout.split()
    pid = int(found[0]) if found else None
time.sleep(0.5)
subprocess.run(["kill", "-INT", str(pid)])
print(run.wait())
PYTHON
good=yes
left=$(sed -n 's/^error: stopped: //p' err)
if [ "$(cat code)" != 2 ] || ! grep -q 'run the same command again' err; then good="exit $(cat code)"; fi
row ctrl-c "stopped: ${left:-not}" "$good"
measure 0 "$trailql" -q ingest many --lake lake-stopped
sound lake-stopped "$((400 * per_file))"
row ctrl-c-then-again "$(counts)" "$good"
rm -rf lake-stopped

# A disk that is full: 512 KiB, less than the lake needs; then the same command with room.
cat >full.sh <<'SHELL'
mkdir disk
mount -t tmpfs -o size=512K tmpfs disk
code=0
/usr/bin/time -q -f '%e %M' -o time "$1" -q ingest many --lake disk/lake >out 2>err || code=$?
"$1" -q lake verify --lake disk/lake >verified || code="$code, not sound"
find disk -name '*.tmp' >left
echo "$code" >code
mount -o remount,size=1G disk
cp time time-full
/usr/bin/time -q -f '%e %M' -o time-room "$1" -q ingest many --lake disk/lake >out-room 2>err-room
cp -r disk/lake lake-full
SHELL
if unshare --mount true 2>/dev/null; then
    good=yes
    unshare --mount sh -eu full.sh "$trailql" || good=NO
    if [ "$(cat code)" != 2 ] || [ -s left ] || ! grep -q 'No space left' err; then good="exit $(cat code)"; fi
    cp time-full time
    row full-disk "$(grep -o 'No space left on device' err | head -n 1)" "$good"
    good=yes
    sound lake-full "$((400 * per_file))"
    cp time-room time
    cp out-room out
    row full-disk-with-room "$(counts)" "$good"
    rm -rf lake-full
else
    echo 'full-disk                  left out: mounting is not permitted here'
fi

if [ "$files" -gt 0 ]; then
    measure 0 "$trailql" -q ingest tiny --lake lake-tiny
    sound lake-tiny "$files"
    row "$files-files" "$(counts)" "$good"
    measure 0 "$trailql" ingest tiny --lake lake-tiny
    row again-unchanged "$(sed -n '/^skipped/p' err)" "$good"
    measure 0 "$trailql" -q lake info --lake lake-tiny
    row info "$(sed -n '/^data files/p' out | tr -s ' ')" "$good"
    measure 0 "$trailql" -q sql 'SELECT count(*) FROM sources' --lake lake-tiny
    row count-of-sources "$(sed -n 3p out | tr -d ' ')" "$good"
    measure 0 "$trailql" -q lake verify --sources --lake lake-tiny
    row verify-with-sources "$(sed -n '/^result/p' out | tr -s ' ')" "$good"
fi
exit "$failed"
