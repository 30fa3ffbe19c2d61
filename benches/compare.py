#!/usr/bin/env python3
"""Measures trailql against DuckDB and ClickHouse (chdb) on one machine, in one run, and prints measured / target / met.

    benches/compare.py                                   everything, at full size: hours, and about 40 GB of disk
    benches/compare.py --only ingest --runs 3            one part: ingest, small, queries, search, growth, from, report, about
    benches/compare.py --events 50000 --only queries     a tenth of every size
    benches/compare.py --json results.json               every single run as well

`--events N` (500,000 by default) is the size of the corpus of `ingest` and `from`; the other sizes follow from it:
`small` has N/10 events in N/100 objects, `queries`, `search`, `report` and `about` a lake of 10 N events, `growth` goes from
N to 20 N. The binaries are built (`cargo build --release --locked`) unless `--trailql PATH` names one; its `examples/` must then hold `corpus` and
`floor`, or `--examples DIR` says where they are. The peers are installed by name into a virtual environment in the work
folder, unless `--python PATH` names an interpreter that has them. Corpora (from `--seed`) and lakes stay in the work
folder and are used again; a lake is made anew when the binary has changed.

It measures and exits with 0 whatever the result. It stops with an error where trailql fails, or where two answers differ,
since a comparison of different answers says nothing; a peer that fails is shown with what it said. Times mean little while
others use the machine, so the load at the start and at the end is printed. GNU time is needed.

How it is made fair:
- Everybody has `--threads` (2) threads. trailql has its default memory limit, the peers theirs, which is nearly the
  whole machine's. Files are in the page cache (read once before).
- Contestants take turns, `--runs` times; the median counts, the least and the greatest are printed, nothing is dropped.
  Only the ingests of `growth`, which compare trailql with itself, run once each.
- trailql is timed as a whole process, from start to exit. The peers have no command of the same version on PyPI, so each
  run is a fresh Python process in which only the engine is timed: connecting, planning, executing and writing the answer.
  Starting the process and loading the engine is not counted for them; it is shown as `process`.
- The corpus has no copies of events, since the peers do not look for any. trailql looks for them all the same, and hashes,
  sorts, indexes and syncs what it writes; the peers do none of that.
- Peers run in two forms: `typed`, what one types first (types found by the engine; where that fails, the mildest option
  that makes it work), and `tuned` (every column named with its type, objects that vary kept as text, zstd level 1 as in
  a lake). Both are printed, with how many times trailql's time each takes; a target counts against the faster of the two.
  DuckDB's insertion order and ClickHouse's insert threads and parallel parsing made no clear difference.
- Questions are asked of the very Parquet files of the lake, in the very text of the view; only `json_param` is written
  by hand for each engine. All three write the rows as JSON lines to a file, and all rows are compared.
"""

import argparse
import collections
import datetime
import hashlib
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
PARTS = ["ingest", "small", "queries", "search", "growth", "from", "report", "about"]
PEERS = ["duckdb", "chdb"]
MIB = 1 << 20

# ---------------------------------------------------------------------------------------------------------------------
# The peers, each run in a process of its own: this file again, with `--peer`.


def peer_main(name):
    """Reads a job from stdin, runs its statement, and tells how long that took."""
    job = json.load(sys.stdin)
    if name == "duckdb":
        import duckdb

        began = time.perf_counter()
        connection = duckdb.connect()
        for setting in ["enable_progress_bar = false", f"threads = {job['threads']}", "TimeZone = 'UTC'"]:
            connection.execute(f"SET {setting}")
        connection.execute(job["statement"])
        seconds = time.perf_counter() - began
        version = duckdb.__version__
    else:
        import chdb

        settings = {"max_threads": job["threads"], "session_timezone": "'UTC'", **job["settings"]}
        settings = ", ".join(f"{key} = {value}" for key, value in settings.items())
        began = time.perf_counter()
        answer = chdb.query(f"{job['statement']} SETTINGS {settings}", "JSONEachRow")
        if job["output"]:
            pathlib.Path(job["output"]).write_bytes(answer.bytes())
        seconds = time.perf_counter() - began
        version = f"{chdb.__version__} (ClickHouse {chdb.engine_version})"
    json.dump({"seconds": seconds, "version": version}, sys.stdout)


# ---------------------------------------------------------------------------------------------------------------------
# Running and measuring.


class Run:
    """One run of one contestant."""

    def __init__(self, seconds, process_seconds, cpu_seconds, peak_bytes):
        self.seconds, self.process_seconds = seconds, process_seconds
        self.cpu_seconds, self.peak_bytes = cpu_seconds, peak_bytes


class Failed(Exception):
    """A contestant could not do it; the text is what it said."""


def process(command, stdin=None):
    """Runs a command to its end: its output, wall seconds, processor seconds and peak memory."""
    began = time.perf_counter()
    with open(Bench.work / "stdout", "wb+") as out, open(Bench.work / "stderr", "wb+") as err:
        # GNU time, and not `ru_maxrss` of the child: that would begin with what this process itself has at its peak.
        timed = [Bench.time, "-q", "-o", Bench.work / "peak", "-f", "%M", *command]
        child = subprocess.Popen(list(map(str, timed)), stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                                 stdout=out, stderr=err)
        if stdin:
            child.stdin.write(stdin.encode())
            child.stdin.close()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0), err.seek(0)
        stdout, stderr = out.read().decode(errors="replace"), err.read().decode(errors="replace")
    if child.returncode != 0:
        raise Failed(stderr.strip() or f"exit code {child.returncode}")
    return stdout, wall, usage.ru_utime + usage.ru_stime, int((Bench.work / "peak").read_text()) * 1024


def trailql(*arguments):
    """Runs trailql; the whole process counts."""
    stdout, wall, cpu, peak = process([Bench.trailql, *arguments, "--threads", Bench.threads])
    return Run(wall, wall, cpu, peak), stdout


def answered(file, *arguments):
    """Runs a question whose answer goes into a file through standard output: `-o` would wait for the disk, as no peer does."""
    run, stdout = trailql(*arguments, "--quiet", "--format", "jsonl")
    file.write_text(stdout)
    return run


def peer(name, statement, output=None, settings=None):
    """Runs a statement in a fresh process of a peer; what the engine takes counts. `output` and `settings` are chdb's."""
    job = {"statement": statement, "threads": Bench.threads, "output": output and str(output), "settings": settings or {}}
    stdout, wall, cpu, peak = process([Bench.python, __file__, "--peer", name], json.dumps(job))
    answer = json.loads(stdout.strip().splitlines()[-1])
    Bench.versions[name] = answer["version"]
    return Run(answer["seconds"], wall, cpu, peak)


def alternate(contestants, runs=None):
    """Lets contestants take turns. A contestant is a name and a function that returns a `Run`; one that fails is out."""
    results = {name: [] for name, _ in contestants}
    for _ in range(runs or Bench.runs):
        for name, contestant in contestants:
            if isinstance(results[name], list):
                try:
                    results[name].append(contestant())
                except Failed as error:
                    if name.startswith("trailql"):
                        sys.exit(f"compare.py: {name} failed: {error}")
                    results[name] = error
    return results


def median(runs, value="seconds"):
    return statistics.median(getattr(run, value) for run in runs)


class Bench:
    """What the options say, and what was found out."""

    work = trailql = examples = python = time = None
    threads, runs, events, seed = 2, 5, 500_000, 1
    versions, measured, verdicts, last_ingest, binary = {}, [], [], [], ""


# ---------------------------------------------------------------------------------------------------------------------
# Printing.


def heading(text):
    print(f"\n## {text}\n", flush=True)


def show(part, results, notes=None):
    """Prints one line for each contestant, and keeps every run."""
    print(f"{'':34} {'median':>9} {'min':>9} {'max':>9} {'processor':>10} {'process':>9} {'peak MiB':>9} {'/trailql':>9}")
    ours = results.get("trailql")
    for name, runs in results.items():
        note = (notes or {}).get(name, "")
        if isinstance(runs, Failed):
            text = " ".join(str(runs).split())
            print(f"{name:34} fails: {text[:300]}")
            Bench.measured.append({"part": part, "contestant": name, "fails": text})
            continue
        seconds = [run.seconds for run in runs]
        times = f"{median(runs) / median(ours):.2f} x" if ours and name != "trailql" else ""
        print(f"{name:34} {duration(median(runs))} {duration(min(seconds))} {duration(max(seconds))}"
              f" {duration(median(runs, 'cpu_seconds')):>10} {duration(median(runs, 'process_seconds'))}"
              f" {max(run.peak_bytes for run in runs) / MIB:9.0f} {times:>9}  {note}".rstrip())
        Bench.measured.append({"part": part, "contestant": name, "note": note, "runs": [vars(run) for run in runs]})
    sys.stdout.flush()


def duration(seconds):
    return f"{seconds * 1000:6.1f} ms" if seconds < 1 else f"{seconds:7.2f} s"


def verdict(part, what, measured, target, unit="", least=False):
    """Keeps one line of the table at the end."""
    Bench.verdicts.append({"part": part, "what": what, "measured": measured, "target": target, "unit": unit,
                           "at_least": least, "met": measured >= target if least else measured <= target})


def print_verdicts():
    heading("Measured against the targets")
    print(f"{'part':8} {'what':66} {'measured':>11} {'target':>13}  met")
    for line in Bench.verdicts:
        if line["met"] is None:
            print(f"{line['part']:8} {line['what']}")
            continue
        sign = "≥" if line["at_least"] else "≤"
        measured, target = (f"{line[key]:,.2f} {line['unit']}".strip() for key in ("measured", "target"))
        print(f"{line['part']:8} {line['what']:66} {measured:>11} {sign + ' ' + target:>13}  {'yes' if line['met'] else 'NO'}")


def against_peers(part, what, results, least, targets=PEERS):
    """How many times as fast as each peer trailql is; against the faster of its forms."""
    ours = median(results["trailql"])
    for name in targets:
        forms = {form: runs for form, runs in results.items() if form.startswith(name) and isinstance(runs, list)}
        if not forms:
            Bench.verdicts.append({"part": part, "what": f"{what}: {name} failed, so there is nothing to compare with", "met": None})
        else:
            form, runs = min(forms.items(), key=lambda item: median(item[1]))
            verdict(part, f"{what}: times as fast as {form}", median(runs) / ours, least, "x", least=True)


# ---------------------------------------------------------------------------------------------------------------------
# What is measured on: corpora and lakes.


def corpus(events, days, per_file, named_sessions_permille=0):
    """Makes a corpus, or takes the one that is there."""
    sessions = f"-sessions-{named_sessions_permille}" if named_sessions_permille else ""
    folder = Bench.work / f"corpus-{events}-{days}-{per_file}-{Bench.seed}{sessions}"
    stamp = Bench.work / f"{folder.name}.txt"
    if not stamp.exists():
        shutil.rmtree(folder, ignore_errors=True)
        said, *_ = process([Bench.examples / "corpus", "--events", events, "--days", days, "--per-file", per_file,
                            "--seed", Bench.seed, "--copies-permille", 0,
                            "--named-sessions-permille", named_sessions_permille, folder])
        stamp.write_text(said)
    said = stamp.read_text()
    files = list(folder.rglob("*.gz"))
    numbers = {name: int(number) for name, number in re.findall(r"(files|records|distinct|JSON bytes) (\d+)", said)}
    if numbers["files"] != len(files) or numbers["records"] != numbers["distinct"]:
        sys.exit(f"compare.py: the corpus is not what was asked for: {said.strip()}, {len(files)} files in {folder}")
    for file in files:
        file.read_bytes()
    print(f"corpus: {said.strip()}; {days} days, seed {Bench.seed}")
    return folder, numbers["JSON bytes"]


def ingest_fresh(lake, folder):
    """Ingests into a lake that is not there before."""
    shutil.rmtree(lake, ignore_errors=True)
    run, said = trailql("ingest", "--lake", lake, folder)
    Bench.last_ingest = [int(n) for n in said.strip().splitlines()[-1].split()[1:]]
    return run


def lake_of(folder):
    """The lake of a corpus, made with the binary that is measured; None in place of the run where it was there."""
    lake = Bench.work / folder.name.replace("corpus", "lake")
    stamp = Bench.work / f"{lake.name}.txt"
    if stamp.exists() and stamp.read_text() == Bench.binary:
        return lake, None
    stamp.unlink(missing_ok=True)
    run = ingest_fresh(lake, folder)
    stamp.write_text(Bench.binary)
    return lake, run


def warm(folder):
    for file in pathlib.Path(folder).rglob("*.parquet"):
        file.read_bytes()


def size_of(folder):
    return sum(file.stat().st_size for file in pathlib.Path(folder).rglob("*") if file.is_file())


# ---------------------------------------------------------------------------------------------------------------------
# The peers' way to write a lake.

TEXTS = ["eventId", "eventName", "eventType", "eventCategory", "eventRW", "eventVersion", "eventSource", "serviceName",
         "acsRegion", "apiVersion", "requestId", "sourceIpAddress", "userAgent", "errorCode", "errorMessage",
         "resourceType", "resourceName", "requestParameterJson", "recipientAccountId", "vpcId"]
OBJECTS = ["requestParameters", "responseElements", "referencedResources", "additionalEventData"]
IDENTITY = ["type", "principalId", "accountId", "accessKeyId", "userName"]

DUCKDB_IDENTITY = ("STRUCT(" + ", ".join(f"{name} VARCHAR" for name in IDENTITY) +
                   ", sessionContext STRUCT(attributes STRUCT(mfaAuthenticated VARCHAR, creationDate VARCHAR)))")
DUCKDB_COLUMNS = {**{name: "VARCHAR" for name in TEXTS + OBJECTS}, "eventTime": "TIMESTAMP", "isGlobal": "BOOLEAN",
                  "userIdentity": DUCKDB_IDENTITY}
CHDB_IDENTITY = ("Tuple(" + ", ".join(f"{name} Nullable(String)" for name in IDENTITY) +
                 ", sessionContext Tuple(attributes Tuple(mfaAuthenticated Nullable(String), creationDate Nullable(String))))")
CHDB_COLUMNS = {**{name: "Nullable(String)" for name in TEXTS + OBJECTS}, "eventTime": "DateTime64(6, 'UTC')",
                "isGlobal": "Nullable(Bool)", "userIdentity": CHDB_IDENTITY}
CHDB_READ = {"date_time_input_format": "'best_effort'"}
# Types that differ from file to file are an error for both; these are the mildest options with which they read it all.
DUCKDB_TYPED = "maximum_depth = 1"
CHDB_TYPED = {"input_format_json_try_infer_named_tuples_from_objects": 0}


def duckdb_json(folder, columns=None, option=None):
    """A table function that reads the raw files; only these columns, where they are named."""
    if columns:
        spec = ", ".join(f"{name}: '{DUCKDB_COLUMNS[name]}'" for name in columns)
        option = f"format = 'array', columns = {{{spec}}}"
    return f"read_json('{folder}/**/*.gz'" + (f", {option})" if option else ")")


def chdb_json(folder, columns=None):
    spec = ", $$" + ", ".join(f"{name} {CHDB_COLUMNS[name]}" for name in columns) + "$$" if columns else ""
    return f"file('{folder}/**/*.gz', JSONEachRow{spec})"


def duckdb_copy(source, out, more=""):
    shutil.rmtree(out, ignore_errors=True)
    return peer("duckdb", f"COPY (SELECT *, CAST(eventTime AS DATE) AS event_date FROM {source}) TO '{out}' "
                           f"(FORMAT parquet, COMPRESSION zstd, PARTITION_BY (event_date){more})")


def chdb_insert(source, out, settings):
    shutil.rmtree(out, ignore_errors=True)
    settings = {"output_format_parquet_compression_method": "'zstd'", "max_partitions_per_insert_block": 0, **settings}
    # A time that was not found to be one is a text.
    day = "toDate(parseDateTimeBestEffort(toString(eventTime)))" if CHDB_TYPED.items() <= settings.items() else "toDate(eventTime)"
    return peer("chdb", f"INSERT INTO FUNCTION file('{out}/event_date={{_partition_id}}/data.parquet', Parquet) "
                         f"PARTITION BY {day} SELECT * FROM {source}", settings=settings)


def writers(folder):
    """Every contestant that writes Parquet files of a corpus, and the folder that it writes to."""
    out = {name: Bench.work / f"out-{name}" for name in ("trailql", "duckdb-typed", "duckdb-tuned", "chdb-typed", "chdb-tuned")}
    contestants = [
        ("trailql", lambda: ingest_fresh(out["trailql"], folder)),
        ("duckdb typed", lambda: duckdb_copy(duckdb_json(folder, option=DUCKDB_TYPED), out["duckdb-typed"])),
        ("duckdb tuned", lambda: duckdb_copy(duckdb_json(folder, DUCKDB_COLUMNS), out["duckdb-tuned"], ", COMPRESSION_LEVEL 1")),
        ("chdb typed", lambda: chdb_insert(chdb_json(folder), out["chdb-typed"], CHDB_TYPED)),
        ("chdb tuned", lambda: chdb_insert(chdb_json(folder, CHDB_COLUMNS), out["chdb-tuned"],
                                           {**CHDB_READ, "output_format_compression_level": 1})),
    ]
    return contestants, out


def same_events(out, results, events):
    """Stops where what was written differs: rows, ids, days, times, and the text of the request parameters."""
    if Bench.last_ingest != [Bench.last_ingest[0], events, events, 0, 0]:
        sys.exit(f"compare.py: trailql did not store every event once: {Bench.last_ingest}")
    expected = None
    for name, folder in out.items():
        if isinstance(results[name.replace("-", " ")], Failed):
            continue
        ours = name == "trailql"
        # What DuckDB's own types make of a text is JSON, with quotes and escapes.
        text = (lambda column: f"CAST({column} AS JSON) ->> '$'") if name == "duckdb-typed" else (lambda column: column)
        columns = ["event_id", "event_time", "event_name", "request_parameters"] if ours else [
            "eventId", "eventTime", "eventName", "requestParameters"]
        event_id, event_time, event_name, parameters = columns
        sql = (f"SELECT count(*) AS n, count(DISTINCT {text(event_id)}) AS ids, count(DISTINCT event_date) AS days, "
               f"sum(hash(CAST(event_date AS VARCHAR)) % 1000003) AS of_days, "
               f"epoch_us(min(CAST({text(event_time)} AS TIMESTAMPTZ))) AS first, "
               f"epoch_us(max(CAST({text(event_time)} AS TIMESTAMPTZ))) AS last, "
               f"sum(hash({text(event_name)}) % 1000003) AS names, "
               f"sum(strlen(CAST({parameters} AS VARCHAR))) AS parameter_bytes "
               f"FROM read_parquet('{folder}/{'events/' if ours else ''}**/*.parquet', hive_partitioning = true)")
        answer = Bench.work / "answer.jsonl"
        peer("duckdb", f"COPY ({sql}) TO '{answer}' (FORMAT json)")
        found = rows_of(answer)
        if expected is None:
            expected = found
        elif found != expected:
            sys.exit(f"compare.py: what {name} wrote differs from what trailql wrote: {dict(found)} and {dict(expected)}")
    print(f"the same events in all of them: {events:,} rows with equal ids, days, times, names and parameters")


def part_ingest():
    heading(f"ingest: {Bench.events:,} events in {Bench.events // 2000:,} objects")
    folder, json_bytes = corpus(Bench.events, 90, 2000)
    contestants, out = writers(folder)
    first = alternate([
        ("duckdb, nothing said", lambda: duckdb_copy(duckdb_json(folder), Bench.work / "out-first")),
        ("chdb, nothing said", lambda: chdb_insert(chdb_json(folder), Bench.work / "out-first", {})),
    ], runs=1)
    results = alternate(contestants)
    same_events(out, results, Bench.events)
    sizes = {name.replace("-", " "): size_of(path / "events" if name == "trailql" else path) for name, path in out.items()}
    floors = {threads: measure_floor(folder, json_bytes, threads) for threads in sorted({1, Bench.threads})}
    show("ingest", {**first, **results}, {name: f"{size / 1e6:,.1f} MB" for name, size in sizes.items()})
    against_peers("ingest", "ingest", results, 4.0, ["duckdb"])
    against_peers("ingest", "ingest", results, 2.5, ["chdb"])
    verdict("ingest", "ingest: peak memory", max(run.peak_bytes for run in results["trailql"]) / MIB, 512, "MiB")
    for threads, floor in floors.items():
        verdict("ingest", f"ingest: times the floor of {floor:.2f} s, measured with {threads} at work",
                median(results["trailql"]) / floor, 1.5, "x")
    smallest = min(size for name, size in sizes.items() if name.startswith("duckdb"))
    verdict("ingest", "size of the events / DuckDB's smaller Parquet", sizes["trailql"] / smallest, 1.0, "x")
    verdict("ingest", "size of the whole lake / DuckDB's smaller Parquet", size_of(out["trailql"]) / smallest, 1.0, "x")


def measure_floor(folder, json_bytes, threads):
    """The least that any way takes: unpacking, parsing and packing, and nothing else, spread over all threads. With one
    thread at work or all of them at once: processors that share a core are slower together."""
    runs = [json.loads(process([Bench.examples / "floor", folder, "--threads", threads])[0]) for _ in range(Bench.runs)]
    steps = {step: statistics.median(run[step] for run in runs) for step in ("gunzip", "parse", "zstd")}
    if any(run["json_bytes"] != json_bytes for run in runs):
        sys.exit("compare.py: the floor was not measured on the whole corpus")
    wall = sum(steps.values()) / Bench.threads
    rates = ", ".join(f"{step} {json_bytes / seconds / 1e6:,.0f} MB/s" for step, seconds in steps.items())
    print(f"floor: {rates} on each of {threads} at work; {wall:.2f} s on {Bench.threads}")
    Bench.measured.append({"part": "ingest", "contestant": "floor", "runs": runs})
    return wall


def part_small():
    events, objects = Bench.events // 10, Bench.events // 100
    heading(f"small: {events:,} events in {objects:,} objects")
    folder, _ = corpus(events, 90, events // objects)
    contestants, out = writers(folder)
    results = alternate(contestants)
    same_events(out, results, events)
    show("small", results)
    against_peers("small", f"{objects:,} objects", results, 4.0, ["duckdb"])

    objects = Bench.events // 50
    heading(f"small: an unchanged second run over {objects:,} objects")
    folder, _ = corpus(objects * 10, 90, 10)
    lake, _ = lake_of(folder)
    results = alternate([("trailql", lambda: trailql("ingest", "--lake", lake, folder)[0])])
    show("small", results)
    verdict("small", f"an unchanged second run over {objects:,} objects", median(results["trailql"]), 2.0, "s")


# ---------------------------------------------------------------------------------------------------------------------
# Questions.

def duckdb_json_param(column, path):
    """What `json_param` does, in DuckDB: the exact key, else the key in other letters, else through the objects."""
    first, *rest = path.split(".", 1)
    ways = [f"""json_extract_string({column}, '$."{path}"')""",
            f"""json_extract_string({column}, '$."' || list_filter(json_keys({column}), lambda k: lower(k) = '{path.lower()}')[1] || '"')"""]
    if rest:
        ways.append(f"""json_extract_string(json_extract_string({column}, '$."{first}"'), '$."{rest[0]}"')""")
    return f"coalesce({', '.join(ways)})"


def chdb_json_param(column, path):
    """The same in ClickHouse, where an object and an object in a string are two ways."""
    first, *rest = path.split(".", 1)
    ways = [f"JSONExtract(assumeNotNull({column}), '{path}', 'Nullable(String)')",
            f"JSONExtractCaseInsensitive(assumeNotNull({column}), '{path}', 'Nullable(String)')"]
    if rest:
        ways.append(f"JSONExtract(assumeNotNull({column}), '{first}', '{rest[0]}', 'Nullable(String)')")
        ways.append(f"JSONExtract(JSONExtractString(assumeNotNull({column}), '{first}'), '{rest[0]}', 'Nullable(String)')")
    return f"coalesce({', '.join(ways)})"


# Names of answers stand before names of columns for ClickHouse, so views that reuse a column's name need this.
CHDB_ASK = {"prefer_column_name_to_alias": 1}
# And then the order must name what is meant.
CHDB_VIEWS = {"summary_root": ("events DESC, service_name", "events DESC, min(service_name)")}


# The views whose SQL the peers can run. The others use functions of trailql beside `json_param`.
COMPARED_VIEWS = ["ecs_command_as_root", "ecs_root_initial_user", "ecs_root_initial_user_denied", "root_ak_access",
                  "root_console_login", "root_ecs_write", "root_high_frequency", "root_resource_write", "summary_principal",
                  "summary_root"]


def views(listed=False):
    """Every view's name with its SQL, its parameters filled with their defaults; with `listed` without hidden views."""
    found = {}
    for file in sorted((HERE.parent / "queries").rglob("*.sql")):
        if listed and file.parent.name == "lib":
            continue
        head, sql = re.match(r"-- /// view\n(.*?)^-- ///\n(.*)", file.read_text(), re.M | re.S).groups()
        sql = "\n".join(line for line in sql.splitlines() if not line.startswith("--")).strip().rstrip(";")
        params = tomllib.loads(re.sub(r"^-- ?", "", head, flags=re.M)).get("param", {})
        for name, param in params.items():
            value = param["default"] if param["type"] in ("count", "int", "float") else f"'{param['default']}'"
            sql = re.sub(rf"\${name}\b", str(value), sql)
        found[file.stem] = sql
    return found


def inlined(sql, name, table, known):
    """The SQL for a peer: over a table function in place of `events`, the views that it names put in, and `json_param`."""
    json_param = {"duckdb": duckdb_json_param, "chdb": chdb_json_param}[name]

    def replace(match):
        keyword, source = match.groups()
        if source == "events":
            return f"{keyword} {table}"
        return f"{keyword} ({inlined(known[source], name, table, known)}) AS {source}" if source in known else match.group(0)

    sql = re.sub(r"json_param\((\w+), '([^']+)'\)", lambda match: json_param(*match.groups()), sql)
    return re.sub(r"\b(FROM|JOIN)\s+(\w+)\b(?!\s*\()", replace, sql)


def value_of(value):
    """A value in one form: engines write times and whole numbers in different ways."""
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d", value):
        text = value.replace("Z", "+00:00")
        text = re.sub(r"([+-]\d\d)$", r"\1:00", text)
        time_of = datetime.datetime.fromisoformat(text)
        time_of = time_of if time_of.tzinfo else time_of.replace(tzinfo=datetime.timezone.utc)
        return ("time", round(time_of.timestamp() * 1_000_000))
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, (dict, list)):
        return json.dumps(value, sort_keys=True)
    return value


def rows_of(path):
    """The rows of JSON lines, with how often each occurs; a null is as good as nothing."""
    rows = collections.Counter()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                row = json.loads(line)
                rows[tuple(sorted((key, value_of(value)) for key, value in row.items() if value is not None))] += 1
    return rows


def ask(part, title, ours, duckdb, chdb, target=1.0, most_ms=None):
    """Asks one question of all three, compares the rows and prints the times."""
    files = {name: Bench.work / f"answer-{name}.jsonl" for name in ("trailql", *PEERS)}
    for file in files.values():
        file.unlink(missing_ok=True)
    contestants = [("trailql", lambda: answered(files["trailql"], *ours))]
    forms = [("duckdb", form, sql) for form, sql in duckdb.items()] + [("chdb", form, sql) for form, sql in chdb.items()]
    reference = []

    def asked(name, sql):
        def contestant():
            if name == "duckdb":
                run = peer(name, f"COPY ({sql}) TO '{files[name]}' (FORMAT json)")
            else:
                run = peer(name, sql, files[name], {**CHDB_ASK, **CHDB_READ, **CHDB_TYPED})
            compare_rows(title, name, files, reference)
            return run
        return contestant

    contestants += [(f"{name} {form}".strip(), asked(name, sql)) for name, form, sql in forms]
    results = alternate(contestants)
    rows = sum((reference[0] if reference else rows_of(files["trailql"])).values())
    print(f"\n{title}: {rows:,} rows")
    show(part, results)
    if target:
        against_peers(part, title, results, target)
    if most_ms:
        verdict(part, f"{title}: whole process", median(results["trailql"]) * 1000, most_ms, "ms")
    return results


def compare_rows(title, name, files, reference):
    """Stops where the rows of a peer are not ours."""
    if not reference:
        reference.append(rows_of(files["trailql"]))
    theirs = rows_of(files[name])
    if theirs != reference[0]:
        only_ours = list((reference[0] - theirs).items())[:2]
        only_theirs = list((theirs - reference[0]).items())[:2]
        sys.exit(f"compare.py: the answers to `{title}` differ; rows of trailql {sum(reference[0].values())}, of {name} "
                 f"{sum(theirs.values())}; only in trailql's: {only_ours}; only in {name}'s: {only_theirs}")


def ask_lake(part, title, lake, sql, ours=None, peers_sql=None, **options):
    """Asks about a lake: trailql with `ours` (or the SQL itself), the peers with the SQL over the lake's files."""
    texts = {name: inlined((peers_sql or {}).get(name, sql), name, files_of(lake, name), views()) for name in PEERS}
    return ask(part, title, [*(ours or ["sql", sql]), "--lake", lake], {"": texts["duckdb"]}, {"": texts["chdb"]}, **options)


def files_of(lake, name):
    """The data files of a lake as a table function of a peer."""
    files = f"'{lake}/events/**/*.parquet'"
    return f"read_parquet({files}, hive_partitioning = true)" if name == "duckdb" else f"file({files}, Parquet)"


def needles(lake):
    """Values that few events have: an id, a request id, a temporary AccessKey and an address."""
    answer = Bench.work / "needles.jsonl"
    events = files_of(lake, "duckdb")
    peer("duckdb", f"""COPY (WITH middle AS (
            SELECT * FROM {events} WHERE event_date = (SELECT quantile_disc(event_date, 0.5) FROM {events}))
        SELECT min(event_id) AS event_id, max(request_id) AS request_id,
            min(user_identity_access_key_id) FILTER (WHERE user_identity_access_key_id LIKE 'STS.%') AS user_identity_access_key_id,
            min(source_ip_address) FILTER (WHERE source_ip_address LIKE '2001:%') AS source_ip_address
        FROM middle) TO '{answer}' (FORMAT json)""")
    return json.loads(answer.read_text())


def part_queries():
    events = Bench.events * 10
    heading(f"queries: a lake of {events:,} events")
    folder, _ = corpus(events, days_of(events), 2000)
    lake, run = lake_of(folder)
    warm(lake)
    print(f"lake: {size_of(lake / 'events') / 1e6:,.1f} MB in {len(list((lake / 'events').rglob('*.parquet'))):,} data files"
          + (f", ingested in {run.seconds:.1f} s" if run else ""))

    results = alternate([
        ("trailql", lambda: trailql("sql", "select 1", "--lake", lake, "--quiet")[0]),
        ("duckdb", lambda: peer("duckdb", "SELECT 1")),
        ("chdb", lambda: peer("chdb", "SELECT 1")),
    ])
    print("\nstart-up, `select 1`:")
    show("queries", results)
    verdict("queries", "start-up: whole process", median(results["trailql"]) * 1000, 30, "ms")
    theirs = min(median(results[name], "process_seconds") for name in PEERS if isinstance(results[name], list))
    verdict("queries", "start-up: times as fast as the faster peer's process", theirs / median(results["trailql"]), 1.0, "x", least=True)

    listed = views(listed=True)
    for name in COMPARED_VIEWS:
        sql = listed[name]
        is_root = "root-account" in inlined(sql, "duckdb", "events", views())
        for_chdb = sql.replace(*CHDB_VIEWS.get(name, ("", "")))
        ask_lake("queries", name, lake, sql, ["query", name], {"chdb": for_chdb}, most_ms=100 if is_root else None)

    columns = "event_time, event_name, service_name, user_identity_user_name, source_ip_address, outcome, event_id"
    for column, value in needles(lake).items():
        ask_lake("queries", f"needle: {column}", lake, f"SELECT {columns} FROM events WHERE {column} = '{value}'", most_ms=100)
    ask_lake("queries", "daily histogram", lake,
             "SELECT CAST(date_trunc('day', event_time) AS DATE) AS day, count(*) AS events FROM events GROUP BY 1 ORDER BY 1")
    parameter = "SELECT event_name, count(*) AS events FROM events WHERE {} = 'ecs.g8i.large' GROUP BY 1 ORDER BY 1"
    ask_lake("queries", "filter on a request parameter", lake, parameter.format("json_param(request_parameters, 'InstanceType')"),
             peers_sql={"duckdb": parameter.format("json_extract_string(request_parameters, '$.InstanceType')"),
                        "chdb": parameter.format("JSONExtractString(assumeNotNull(request_parameters), 'InstanceType')")})
    ask_many_principals()


def ask_many_principals():
    """Asks who did how much where every role session has a name of its own: 200,000 principals among 500,000 events."""
    folder, _ = corpus(Bench.events, 30, 5000, named_sessions_permille=1000)
    lake, _ = lake_of(folder)
    warm(lake)
    results = ask_lake("queries", "summary_principal of many role sessions", lake, views()["summary_principal"],
                       ["query", "summary_principal"])
    peak = max(run.peak_bytes for run in results["trailql"]) / MIB
    verdict("queries", "summary_principal of many role sessions: peak memory", peak, 512, "MiB")


# ---------------------------------------------------------------------------------------------------------------------
# Statements of Simple Log Service.


def rows_from(lake, sql):
    """The rows of a statement, by trailql."""
    lines = trailql("sql", sql, "--lake", lake, "--format", "jsonl", "--quiet")[1].splitlines()
    return [json.loads(line) for line in lines]


def ask_search(title, lake, search, sql, most):
    """Asks a search and the SQL that means the same, and compares what they count."""
    contestants = {"trailql": ["search", search, "--since", "2000-01-01"], "trailql sql": ["sql", sql]}
    said = {}

    def asked(name):
        def contestant():
            run, stdout = trailql(*contestants[name], "--lake", lake, "--quiet", "--format", "jsonl")
            said[name] = json.loads(stdout)
            return run
        return contestant

    results = alternate([(name, asked(name)) for name in contestants])
    if said["trailql"] != said["trailql sql"]:
        sys.exit(f"compare.py: the answers to `{title}` differ: {said}")
    print(f"\n{title}: {said['trailql']['n']:,} events")
    show("search", results)
    verdict("search", f"{title}: time / sql", median(results["trailql"]) / median(results["trailql sql"]), most, "x")


def part_search():
    events = Bench.events * 10
    heading(f"search: a lake of {events:,} events")
    folder, _ = corpus(events, days_of(events), 2000)
    lake, _ = lake_of(folder)
    warm(lake)
    keys = rows_from(lake, "SELECT user_identity_access_key_id AS key, count(*) AS n FROM events "
                           "WHERE user_identity_access_key_id LIKE 'LTAI%' GROUP BY 1 ORDER BY 2 DESC")
    middle = (keys[0]["n"] * keys[-1]["n"]) ** 0.5
    between = min(keys, key=lambda row: abs(row["n"] - middle))
    for title, key in [("a frequent key", keys[0]["key"]), ("a key of few events", between["key"]),
                       ("a key of no event", "LTAI5tAbSeNtFrOmAlL00000")]:
        ask_search(title, lake, f"event.userIdentity.accessKeyId: {key} | select count(1) as n",
                   f"SELECT count(*) AS n FROM events WHERE user_identity_access_key_id = '{key}'", 2)

    texts = [row["column_name"] for row in rows_from(lake, "SELECT column_name FROM fields WHERE data_type = 'Utf8View'")]
    words = " OR ".join(f"contains(lower({name}), 'tokyo')" for name in texts)
    files = {name: Bench.work / f"answer-{name}.jsonl" for name in ("trailql", *PEERS)}
    counted = f"COPY (SELECT count(*) AS n FROM {files_of(lake, 'duckdb')} WHERE {words}) TO '{files['duckdb']}' (FORMAT json)"
    results = alternate([
        ("trailql", lambda: answered(files["trailql"], "search", "tokyo | select count(1) as n", "--since", "2000-01-01",
                                     "--lake", lake)),
        ("duckdb", lambda: peer("duckdb", counted)),
    ])
    found = {name: json.loads(files[name].read_text())["n"] for name in ("trailql", "duckdb")}
    # A word is a part of a text, so the peer finds no fewer.
    if not 0 < found["trailql"] <= found["duckdb"]:
        sys.exit(f"compare.py: a word in all columns: {found}")
    print(f"\na word in {len(texts)} columns: {found['trailql']:,} events, {found['duckdb']:,} with it in a longer word as well")
    show("search", results)
    verdict("search", "a word in all columns: time / duckdb", median(results["trailql"]) / median(results["duckdb"]), 3, "x")


# ---------------------------------------------------------------------------------------------------------------------
# Pages about values.


def part_about():
    events = Bench.events * 10
    heading(f"about and timeline: a lake of {events:,} events")
    folder, _ = corpus(events, days_of(events), 2000)
    lake, _ = lake_of(folder)
    warm(lake)
    [newest] = rows_from(lake, "SELECT CAST(max(event_time) AS DATE) AS day FROM events")
    until = datetime.date.fromisoformat(newest["day"])
    week = ["--since", str(until - datetime.timedelta(days=7)), "--until", str(until)]

    def most_frequent(column, condition="true"):
        [row] = rows_from(lake, f"SELECT {column} AS value FROM events WHERE {condition} AND event_date >= DATE '{week[1]}' "
                                f"AND {column} <> '' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1")
        return row["value"]

    address = most_frequent("source_ip_address", "source_ip_address LIKE '%.%.%.%'")
    values = {
        "an address": (address, "ip"),
        "a network": (f"{address.rsplit('.', 1)[0]}.0/24", "ip"),
        "an AccessKey": (most_frequent("user_identity_access_key_id", "user_identity_access_key_id LIKE 'LTAI%'"), "key"),
        "a user": (most_frequent("user_identity_user_name", "user_identity_type = 'ram-user'"), "user"),
        "root": ("root", "user"),
        "a role": (most_frequent("split_part(user_identity_user_name, ':', 1)", "user_identity_type = 'assumed-role'"), "role"),
        "a resource": (most_frequent("resource_name", "resource_name NOT LIKE '%;%'"), "resource"),
    }
    for title, (value, kind) in values.items():
        def asked(*scope):
            return lambda: trailql("about", value, "--as", kind, *scope, "--lake", lake, "--quiet", "--format", "json")[0]

        def written():
            return trailql("timeline", value, "--as", kind, *week, "--lake", lake, "--quiet", "--format", "jsonl")[0]

        results = alternate([("trailql about, week", asked(*week)), ("trailql timeline, week", written)])
        results.update(alternate([("trailql about, year", asked())], runs=1))
        print(f"\n{title}:")
        show("about", results)
        verdict("about", f"{title}, a week: whole process", median(results["trailql about, week"]) * 1000, 1000, "ms")
        peak = max(run.peak_bytes for run in results["trailql about, year"]) / MIB
        verdict("about", f"{title}, all days: peak memory", peak, 512, "MiB")


# ---------------------------------------------------------------------------------------------------------------------
# The report and the findings of all views.


def part_report():
    events = Bench.events * 10
    heading(f"report and detect: a lake of {events:,} events")
    folder, _ = corpus(events, days_of(events), 2000)
    lake, _ = lake_of(folder)
    warm(lake)
    last = datetime.date.fromisoformat(trailql("sql", "SELECT max(event_date) AS day FROM events", "--lake", lake,
                                               "--format", "csv", "--quiet")[1].split()[-1])
    # The last whole week of the lake, a Monday to a Sunday.
    until = last - datetime.timedelta(days=last.weekday())
    week = ["--since", str(until - datetime.timedelta(days=7)), "--until", str(until)]

    def asked(*arguments):
        return lambda: trailql(*arguments, "--lake", lake, "--quiet", "--format", "json")[0]

    results = alternate([
        ("trailql report, week", asked("report", "root-usage", *week)),
        ("trailql detect, week", asked("detect", *week)),
        ("trailql detect, year", asked("detect")),
        ("trailql summary_principal, year", asked("query", "summary_principal")),
    ])
    show("report", results)
    verdict("report", "report of a week: whole process", median(results["trailql report, week"]) * 1000, 300, "ms")
    verdict("report", "detect, all views, a week", median(results["trailql detect, week"]), 2, "s")
    ratio = median(results["trailql detect, year"]) / median(results["trailql summary_principal, year"])
    verdict("report", "detect, all views, all days: times summary_principal", ratio, 10, "x")
    peak = max(run.peak_bytes for run in results["trailql detect, year"]) / MIB
    verdict("report", "detect, all views, all days: peak memory", peak, 512, "MiB")


# ---------------------------------------------------------------------------------------------------------------------
# Growth.

GROWTH = [1, 2, 4, 10, 20]
PER_DAY_OF_500_000 = 13_700


def days_of(events):
    """Days of a corpus of the growing kind: as many events a day in all of them."""
    return max(1, round(events / (PER_DAY_OF_500_000 * Bench.events / 500_000)))


def part_growth():
    heading(f"growth: {', '.join(f'{Bench.events * times:,}' for times in GROWTH)} events, as many a day in all")
    ingests, week, rows = {}, {}, []
    bounds = ["--since", "2026-08-17", "--until", "2026-08-24"]
    for times in GROWTH:
        events = Bench.events * times
        folder, _ = corpus(events, days_of(events), 2000)
        lake = Bench.work / folder.name.replace("corpus", "lake")
        (Bench.work / f"{lake.name}.txt").unlink(missing_ok=True)
        ingests[times] = ingest_fresh(lake, folder)
        (Bench.work / f"{lake.name}.txt").write_text(Bench.binary)
        warm(lake)
        query, answer = ["query", "root_console_login", "--lake", lake], Bench.work / "answer.jsonl"
        whole = alternate([("trailql", lambda: answered(answer, *query))])["trailql"]
        whole_rows = sum(rows_of(answer).values())
        week[times] = alternate([("trailql", lambda: answered(answer, *query, *bounds))])["trailql"]
        week_rows = sum(rows_of(answer).values())
        run = ingests[times]
        rows.append((events, run, week[times], week_rows, whole, whole_rows))
        Bench.measured.append({"part": "growth", "events": events, "ingest": vars(run), "week_rows": week_rows,
                               "week": [vars(r) for r in week[times]], "whole_rows": whole_rows, "whole": [vars(r) for r in whole]})
    print(f"\n{'events':>12} {'ingest':>10} {'events/s':>10} {'peak MiB':>9} {'root view, one week':>24} {'root view, all':>24}")
    for events, run, of_week, week_rows, whole, whole_rows in rows:
        print(f"{events:12,} {run.seconds:8.1f} s {events / run.seconds:10,.0f} {run.peak_bytes / MIB:9.0f}"
              f" {duration(median(of_week))} {week_rows:6,} rows {duration(median(whole))} {whole_rows:6,} rows")
    first, last = GROWTH[0], GROWTH[-1]
    per_event = {times: run.seconds / times for times, run in ingests.items()}
    verdict("growth", f"ingest: time of an event, {last}x / 1x the events (linear)", per_event[last] / per_event[first], 1.1, "x")
    verdict("growth", "ingest: peak memory of the largest", ingests[last].peak_bytes / MIB, 512, "MiB")
    verdict("growth", f"ingest: peak memory, {last}x / {GROWTH[1]}x the events (flat)",
            ingests[last].peak_bytes / ingests[GROWTH[1]].peak_bytes, 1.1, "x")
    verdict("growth", f"root view of one week, lake of {last}x / 1x", median(week[last]) / median(week[first]), 1.25, "x")
    many_files()


def many_files():
    """Opening, planning, asking and committing where there are very many data files."""
    files = Bench.events // 50
    heading(f"growth: a lake of {files:,} data files")
    folder, _ = corpus(files * 10, files, 2000)
    lake, _ = lake_of(folder)
    warm(lake)
    small, _ = corpus(Bench.events // 250, max(1, files // 250), 2000)
    small_lake, _ = lake_of(small)
    found = len(list((lake / "events").rglob("*.parquet")))
    print(f"{found:,} data files; beside it a lake of {len(list((small_lake / 'events').rglob('*.parquet'))):,}\n")
    view = ["query", "root_console_login", "--since", "2026-08-10", "--until", "2026-08-16", "--quiet"]
    explain = "EXPLAIN SELECT count(*) FROM events WHERE user_identity_type = 'root-account'"
    results = alternate([(f"trailql, {what}{where}", lambda a=arguments, l=which: trailql(*a, "--lake", l)[0])
                         for what, arguments in [("select 1", ["sql", "select 1", "--quiet"]),
                                                 ("plan", ["sql", explain, "--quiet"]),
                                                 ("one week", view),
                                                 ("count(*)", ["sql", "SELECT count(*) AS events FROM events", "--quiet"])]
                         for where, which in [("", lake), (" (few files)", small_lake)]])
    show("growth", results)
    for what in ("select 1", "one week"):
        more = median(results[f"trailql, {what}"]) - median(results[f"trailql, {what} (few files)"])
        verdict("growth", f"{found:,} data files: `{what}` takes longer by", more * 1000, 20, "ms")
    ask_lake("growth", f"count of root events in {found:,} data files", lake,
             "SELECT count(*) AS events FROM events WHERE user_identity_type = 'root-account'")
    # A commit: one small object more, into either lake; copies of them, so that the lakes stay as they are.
    extra = Bench.work / "extra"
    shutil.rmtree(extra, ignore_errors=True)
    process([Bench.examples / "corpus", "--events", 10, "--days", 1, "--seed", Bench.seed + 1, "--copies-permille", 0, extra])

    def commit(which):
        copy = Bench.work / "lake-copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(which, copy, copy_function=os.link)
        return trailql("ingest", "--lake", copy, extra)[0]
    results = alternate([("trailql, commit of 10 events", lambda: commit(lake)),
                         ("trailql, the same (few files)", lambda: commit(small_lake))])
    print()
    show("growth", results)
    more = median(results["trailql, commit of 10 events"]) - median(results["trailql, the same (few files)"])
    verdict("growth", f"{found:,} data files: a commit takes longer by", more * 1000, 20, "ms")


# ---------------------------------------------------------------------------------------------------------------------
# Without a lake.


def part_from():
    heading(f"from: the raw files, {Bench.events:,} events, no lake")
    folder, _ = corpus(Bench.events, 90, 2000)
    names = "SELECT {name} AS event_name, count(*) AS events FROM {source} GROUP BY 1"
    results = ask("from", "events by name", ["sql", "SELECT event_name, count(*) AS events FROM events GROUP BY 1", "--from", folder],
        {"typed": names.format(name="eventName ->> '$'", source=duckdb_json(folder, option=DUCKDB_TYPED)),
         "tuned": names.format(name="eventName", source=duckdb_json(folder, ["eventName"]))},
        {"typed": names.format(name="eventName", source=chdb_json(folder)),
         "tuned": names.format(name="eventName", source=chdb_json(folder, ["eventName"]))},
        target=None)
    from_verdict("events by name", results)
    logons = ("SELECT {time} AS event_time, {ip} AS source_ip_address, {event_id} AS event_id FROM {source} "
              "WHERE {kind} = 'root-account' AND {name} = 'ConsoleSignin' ORDER BY 1, 3")
    plain = {"time": "eventTime", "ip": "sourceIpAddress", "event_id": "eventId", "name": "eventName", "kind": "userIdentity.type"}
    as_json = {key: f"{name} ->> '$'" for key, name in plain.items()}
    as_json.update(time="CAST(eventTime ->> '$' AS TIMESTAMP)", kind="userIdentity ->> '$.type'")
    as_text = {**plain, "time": "parseDateTimeBestEffort(toString(eventTime))",
               "kind": "JSONExtractString(assumeNotNull(toString(userIdentity)), 'type')"}
    columns = ["eventTime", "sourceIpAddress", "eventId", "eventName", "userIdentity"]
    ours = "SELECT event_time, source_ip_address, event_id FROM root_console_login"
    results = ask("from", "root logons", ["sql", ours, "--from", folder],
        {"typed": logons.format(**{k: f"({v})" for k, v in as_json.items()}, source=duckdb_json(folder, option=DUCKDB_TYPED)),
         "tuned": logons.format(**plain, source=duckdb_json(folder, columns))},
        {"typed": logons.format(**as_text, source=chdb_json(folder)),
         "tuned": logons.format(**plain, source=chdb_json(folder, columns))},
        target=None)
    from_verdict("root logons", results)


def from_verdict(title, results):
    """The target of this part is about DuckDB only: at most 1.3 times what it takes, in either form."""
    for form in ("duckdb typed", "duckdb tuned"):
        if isinstance(results[form], list):
            verdict("from", f"{title}: time / {form}", median(results["trailql"]) / median(results[form]), 1.3, "x")


# ---------------------------------------------------------------------------------------------------------------------


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas: " + ", ".join(PARTS))
    parser.add_argument("--events", type=int, default=500_000, help="events of the corpus of `ingest`; other sizes follow")
    parser.add_argument("--runs", type=int, default=5, help="runs of each contestant, taking turns")
    parser.add_argument("--threads", type=int, default=2, help="threads of each contestant")
    parser.add_argument("--seed", type=int, default=1, help="seed of the corpora")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("compare-work"), help="work folder; kept")
    parser.add_argument("--trailql", type=pathlib.Path, help="the binary to measure; built where it is not given")
    parser.add_argument("--examples", type=pathlib.Path, help="folder of `corpus` and `floor`; beside the binary by default")
    parser.add_argument("--python", help="an interpreter that has duckdb and chdb; a virtual environment by default")
    parser.add_argument("--json", type=pathlib.Path, help="write every run to this file")
    parser.add_argument("--peer", choices=PEERS, help=argparse.SUPPRESS)
    return parser.parse_args()


def prepare(options):
    Bench.work = options.work.resolve()
    Bench.work.mkdir(parents=True, exist_ok=True)
    Bench.threads, Bench.runs, Bench.events, Bench.seed = options.threads, options.runs, options.events, options.seed
    Bench.trailql = options.trailql
    if Bench.trailql is None:
        built = ["--bin", "trailql", "--example", "corpus", "--example", "floor"]
        subprocess.run(["cargo", "build", "--release", "--locked", *built], cwd=HERE.parent, check=True)
        Bench.trailql = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE.parent / "target")) / "release" / "trailql"
    Bench.trailql = Bench.trailql.resolve()
    Bench.examples = (options.examples or Bench.trailql.parent / "examples").resolve()
    Bench.binary = hashlib.sha256(Bench.trailql.read_bytes()).hexdigest()
    Bench.time = shutil.which("time") or sys.exit("compare.py: GNU time is needed (`apt-get install time`)")
    Bench.python = options.python
    if Bench.python is None:
        environment = Bench.work / "venv"
        if not (environment / "installed").exists():
            subprocess.run([sys.executable, "-m", "venv", environment], check=True)
            subprocess.run([environment / "bin" / "pip", "install", "--quiet", *PEERS], check=True)
            (environment / "installed").touch()
        Bench.python = environment / "bin" / "python"
    subprocess.run([Bench.python, "-c", "import duckdb, chdb"], check=True)


def machine():
    """What this machine is, in one line."""
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines() if pathlib.Path("/proc/cpuinfo").exists() else []
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return f"{os.cpu_count()} processors ({model}), {memory:.0f} GiB, {platform.system()} {platform.release()}"


def load():
    return f"load {os.getloadavg()[0]:.1f}"


def main():
    options = arguments()
    if options.peer:
        try:
            return peer_main(options.peer)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    parts = options.only.split(",")
    if unknown := set(parts) - set(PARTS):
        sys.exit(f"compare.py: no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    prepare(options)
    version = process([Bench.trailql, "--version"])[0].strip()
    print(f"{datetime.date.today()}, {machine()}, {load()} at the start\n{version}, SHA-256 {Bench.binary[:12]}; "
          f"{Bench.threads} threads, {Bench.runs} runs, {Bench.events:,} events, seed {Bench.seed}")
    if "debug" in Bench.trailql.parts:
        print("this is a DEBUG build: its times say nothing")
    for part in PARTS:
        if part in parts:
            globals()[f"part_{part}"]()
    print_verdicts()
    print("\n" + ", ".join(f"{name} {version}" for name, version in Bench.versions.items()) + f"; {load()} at the end")
    if options.json:
        everything = {"date": str(datetime.date.today()), "machine": machine(), "trailql": version, "peers": Bench.versions,
                      "options": {key: str(value) for key, value in vars(options).items()},
                      "verdicts": Bench.verdicts, "measured": Bench.measured}
        options.json.write_text(json.dumps(everything, indent=1) + "\n")
    return None


if __name__ == "__main__":
    sys.exit(main())
