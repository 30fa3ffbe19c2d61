#!/usr/bin/env python3
"""Compares the answers of trailql's SQL with DuckDB's, over the same lake, zone by zone.

    benches/sql_oracle.py --trailql target/debug/trailql         every question in four zones: some minutes
    benches/sql_oracle.py --only 'date_trunc|^joins:'            questions whose `group: text` matches
    benches/sql_oracle.py --zones Europe/Berlin,Pacific/Apia     other zones; `--zones all` takes the eight known ones
    benches/sql_oracle.py --json results.json                    every single result as well

It ingests `sample-data` and events of its own into a lake with trailql, and loads the very Parquet files of the lake
into DuckDB. Events of its own stand where clocks are put forward and back, at local midnights, at ends of months and
years, with nulls, empty texts and parameters of every shape. A second lake holds times before 1970 and after 2262.

A *question* is a statement, and all its rows are compared: in their order where the question says one, else as a
multiset. A *condition* is asked three times: as WHERE, as FILTER of an aggregate, and by the ids of the rows that match.
In the first two zones it is also asked negated, and together with `user_identity_type = 'root-account'`, for which a
lake has a side table. All of them must agree with each other and with DuckDB.

How answers are compared:
- The types of DuckDB's columns say how a value of trailql is read. Instants are compared as instants, and the clock
  that is shown must be that of the zone; times without a zone as clocks; numbers as numbers, floats with a tolerance.
- One text serves both engines where that is possible. Functions that DuckDB has by another name are macros there
  (`MACROS`), a few words are replaced (`WORDS`), and the rest has two texts.
- A question may carry a third text: DuckDB SQL for what trailql documents, with a reason from `REASONS`. Then trailql
  must give exactly that answer. It counts as `equal` where DuckDB's own answer is the same, else as `explained`.
  Literals written `@D{…}`, `@T{…}`, `@Z{…}` and `@S{…}` (a date, a plain time, an instant without an offset, a text)
  have such a text by themselves: the instant that the local time means in the zone.

Answers can only be the same where both know the same rules of a zone. So the zones are compared first, and one that
differs is not asked about, and counts as failed. DuckDB 2 knows that Cuba keeps summer time from 2026 on, which the
zones of trailql do not (chrono-tz 0.10.4 has those of 2025b); therefore the version of the peer is bounded.

The peer is installed by name into a virtual environment in the work folder, unless this interpreter has it. The exit
code is 0 where everything is equal or explained, 1 where an answer differs, and 2 where a statement failed to run,
which includes questions that trailql refuses and DuckDB answers.
"""

import argparse
import collections
import concurrent.futures
import datetime
import decimal
import hashlib
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zoneinfo

HERE = pathlib.Path(__file__).resolve().parent
PEERS = ["duckdb<2", "pytz", "tzdata"]
ZONES = ["UTC", "Asia/Tokyo", "America/Havana", "Asia/Kolkata"]
MORE_ZONES = ["Europe/Berlin", "America/St_Johns", "Pacific/Apia", "America/Sao_Paulo"]
NOW = "2026-11-08T12:34:56.789Z"
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1)

REASONS = {
    "first-instant": "a local time that occurs twice means its first instant, a skipped one is shifted forward",
    "hours-apart": "the two hours of an hour that occurs twice stay two",
    "keeps-instant": "AT TIME ZONE keeps the instant and changes the zone that is shown",
    "nulls-order": "nulls are the greatest values: first where the order is descending",
    "whole-division": "a division of whole numbers gives a whole number",
    "cast-truncates": "a cast to a whole number drops the fraction",
    "date-stays": "a date plus or minus days or months is a date",
    "whole-texts": "a text is a whole number where it consists of digits alone",
    "never-null": "the function is false, not null, where there is no JSON",
    "cast-to-micros": "a cast of a time to a whole number counts its microseconds",
    "local-bins": "bins follow the local clock, from local midnight of 1970-01-01 on",
    "regex-anywhere": "a regular expression may match any part of a text",
    "json-as-written": "a number or an object taken from JSON keeps the form it was written in",
    "iso-time-text": "the text of a time is RFC 3339",
}

# ---------------------------------------------------------------------------------------------------------------------
# What differs in the language only.

# Functions that DuckDB lacks or has by another name, and the rules of trailql. `first_instant` gives what a local time
# means: overlaps of all zones here are of one hour, and DuckDB shifts a skipped time forward. `local_floor` and
# `local_bin` cut at multiples of so many microseconds of the local clock: the one keeps the offset of the instant, as
# suits what divides an hour, the other counts from an origin on and takes the first instant.
MACROS = """
CREATE MACRO first_instant(l) AS CASE
    WHEN CAST(CAST(CAST(l AS TIMESTAMP) AS TIMESTAMPTZ) - INTERVAL 1 HOUR AS TIMESTAMP) = CAST(l AS TIMESTAMP)
    THEN CAST(CAST(l AS TIMESTAMP) AS TIMESTAMPTZ) - INTERVAL 1 HOUR ELSE CAST(CAST(l AS TIMESTAMP) AS TIMESTAMPTZ) END;
CREATE MACRO clock(t) AS CAST(t AS TIMESTAMP);
CREATE MACRO local_floor(t, n) AS t - to_microseconds(((epoch_us(clock(t)) % n) + n) % n);
CREATE MACRO local_bin(t, n, origin) AS first_instant(origin + to_microseconds(
    CAST(floor((epoch_us(clock(t)) - epoch_us(origin)) / CAST(n AS DOUBLE)) AS BIGINT) * n));
CREATE MACRO to_char(t, f) AS strftime(t, f);
CREATE MACRO date_format(t, f) AS strftime(t, f);
CREATE MACRO from_unixtime(n) AS to_timestamp(n);
CREATE MACRO to_timestamp_seconds(n) AS make_timestamptz(CAST(n AS BIGINT) * 1000000);
CREATE MACRO to_timestamp_millis(n) AS make_timestamptz(CAST(n AS BIGINT) * 1000);
CREATE MACRO to_timestamp_micros(n) AS make_timestamptz(n);
CREATE MACRO to_unixtime(t) AS CAST(floor(epoch_us(t) / 1000000) AS BIGINT);
CREATE MACRO to_local_time(t) AS CAST(t AS TIMESTAMP);
CREATE MACRO to_date(s) AS CAST(s AS DATE);
CREATE MACRO btrim(s) AS trim(s);
CREATE MACRO char_length(s) AS length(s);
CREATE MACRO character_length(s) AS length(s);
CREATE MACRO octet_length(s) AS strlen(s);
CREATE MACRO regexp_like(s, p) AS regexp_matches(s, p);
CREATE MACRO regexp_like_i(s, p) AS regexp_matches(s, p, 'i');
CREATE MACRO nvl(a, b) AS coalesce(a, b);
CREATE MACRO nvl2(a, b, c) AS CASE WHEN a IS NOT NULL THEN b ELSE c END;
CREATE MACRO signum(n) AS sign(n);
CREATE MACRO parameter(p, k) AS json_extract_string(TRY_CAST(p AS JSON), k);
"""

# Words of a text for trailql that another takes the place of in DuckDB, where a question has no text of its own for it.
NOW_LITERAL = f"TIMESTAMPTZ '{NOW}'"
WORDS = [
    # DuckDB has no cast from an instant to a time of day.
    (r"\bevent_time::time\b", "event_time::TIMESTAMP::TIME"),
    (r"(?i)\bcast\(event_time AS time\)", "CAST(CAST(event_time AS TIMESTAMP) AS TIME)"),
    (r"\bnow\(\)|\bcurrent_timestamp\b", NOW_LITERAL),
    (r"\bcurrent_date\b|\btoday\(\)", f"({NOW_LITERAL})::DATE"),
    (r"\bcurrent_time\b", f"({NOW_LITERAL})::TIMESTAMP::TIME"),
    # Text that is no JSON is an error for DuckDB, and an arrow binds weaker than a comparison there.
    (r"request_parameters->>('[^']*')", r"parameter(request_parameters, \1)"),
    # DuckDB's operator wants the whole text to match.
    (r"(\w+) !~\* ('[^']*')", r"(NOT regexp_matches(\1, \2, 'i'))"),
    (r"(\w+) !~ ('[^']*')", r"(NOT regexp_matches(\1, \2))"),
    (r"(\w+) ~\* ('[^']*')", r"regexp_matches(\1, \2, 'i')"),
    (r"(\w+) ~ ('[^']*')", r"regexp_matches(\1, \2)"),
]

# A total order: where a record was read.
KEY = "source_id, source_member, source_offset, source_record"
LITERAL = re.compile(r"@([DTZS])\{([^}]*)\}")
NAMES = {"D": "DATE ", "T": "TIMESTAMP ", "Z": "TIMESTAMPTZ ", "S": ""}


def written(text, zone, instants=False):
    """A text with its tags written out: as they are typed, or as the instants that they mean."""

    def literal(match):
        kind, local = match.groups()
        return f"first_instant(TIMESTAMP '{local}')" if instants else f"{NAMES[kind]}'{local}'"

    return LITERAL.sub(literal, text).replace("@KEY", KEY).replace("@ZONE", zone)


def in_duckdb(text):
    for pattern, word in WORDS:
        text = re.sub(pattern, word, text)
    return text


class Case:
    """A question or a condition, with its texts."""

    def __init__(self, group, flags, ours, duck=None, documented=None, reason=None):
        self.group, self.ours, self.reason = group, ours, reason
        self.duck, self.documented = duck or in_duckdb(ours), documented
        if documented is None and LITERAL.search(self.duck):
            self.documented, self.reason = self.duck, "first-instant"
        self.condition, self.ordered = "conditions" in flags, "ordered" in flags
        # Only the clock of an instant is compared: of a time that was asked for in another zone.
        self.clock = "clock" in flags
        self.lake = "far" if "far" in flags else "main"

    @property
    def name(self):
        return f"{self.group}: {self.ours}"


CHOICE = re.compile(r"\{([^{}|]*\|[^{}]*)\}")


def chosen(texts):
    """The texts of a case with `{a|b}` written out: one case for each choice, which `{1}` repeats."""
    match = next(filter(None, map(CHOICE.search, texts)), None)
    if not match:
        return [texts]
    return [[text.replace(match.group(), choice).replace("{1}", choice) for text in texts]
            for choice in match.group(1).split("|")]


def read_cases(table):
    """The cases of the table; its form is told above it."""
    cases, group, flags, lines = [], None, None, []

    def add():
        for ours, *more in chosen(lines):
            named = dict(re.match(r"([a-z-]+): (.*)", text).groups() for text in more)
            duck = named.pop("duckdb", None)
            reason, documented = named.popitem() if named else (None, None)
            if named or reason and reason not in REASONS:
                sys.exit(f"sql_oracle.py: not a text that a case has: {reason} of {ours}")
            cases.append(Case(group, flags, ours, duck, documented, reason))
        lines.clear()

    for line in table.strip().splitlines():
        if line.startswith("    "):
            lines[-1] += " " + line.strip()
        elif line.startswith("  "):
            lines.append(line.strip())
        else:
            add() if lines else None
            if line.startswith("["):
                group, flags = re.fullmatch(r"\[(.*)\] (.*)", line).groups()
            elif line and not line.startswith("#"):
                lines.append(line)
    add() if lines else None
    return cases


# ---------------------------------------------------------------------------------------------------------------------
# The questions. A line is one; `[group] conditions` or `[group] questions` says what those below it are: `ordered` ones
# come in the order they ask for, `clock` ones are compared by the clock alone, `far` ones are about the second lake.
# Indented by two stands another text of the question above: `duckdb:` for DuckDB where the same does not serve both,
# and a reason for what is documented. Indented by four, a line goes on. `{a|b}` is one question with `a` and one with
# `b`, in all its texts, where `{1}` stands for the same. `@KEY` is a total order, `@ZONE` the zone that is asked in.

TABLE = r"""
[compare dates] conditions
event_time {>=|<|>|<=|=|<>} @D{2026-11-01}
event_time {>=|<|=} @D{2026-03-08}
@D{2026-11-01} <= event_time
@D{2026-11-03} > event_time
event_time BETWEEN @D{2026-11-01} AND @D{2026-11-02}
event_time NOT BETWEEN @D{2026-03-08} AND @D{2026-11-02}
event_time >= @D{2026-11-01} AND event_time < @D{2026-11-02}
event_time IN (@D{2026-11-01}, @D{2026-03-08}, @D{2026-07-01})
event_time NOT IN (@D{2026-11-01}, @D{2026-07-01})
event_time IS DISTINCT FROM @D{2026-11-01}
event_time IS NOT DISTINCT FROM @D{2026-11-01}
event_time >= @D{2011-12-30} AND event_time < @D{2011-12-31}
event_time < @D{2018-11-04}
NOT (event_time < @D{2026-11-01} OR event_time >= @D{2026-11-02})
event_time > NULL
event_time IS NULL
event_time IS NOT NULL

[compare times] conditions
event_time {>=|<|=|<>} @T{2026-11-01 00:30:00}
# Each is ambiguous or skipped in one of the zones.
event_time >= @T{{2026-10-25 02:30:00|2026-11-01 01:30:00|2018-02-17 23:30:00|2021-04-04 03:30:00}}
event_time >= @T{{2026-03-08 00:30:00|2026-03-29 02:30:00|2026-03-08 02:30:00|2018-11-04 00:30:00|2011-12-30 12:00:00}}
event_time = @T{{2026-10-25 02:30:00|2026-11-01 01:30:00|2018-02-17 23:30:00|2021-04-04 03:30:00}}
event_time = @T{{2026-03-08 00:30:00|2026-03-29 02:30:00|2026-03-08 02:30:00|2018-11-04 00:30:00|2011-12-30 12:00:00}}
event_time BETWEEN @T{2026-03-08 00:00:00} AND @T{2026-03-08 01:00:00}
event_time BETWEEN @T{2026-11-01 00:00:00} AND @T{2026-11-01 00:59:59.999}
event_time NOT BETWEEN @T{2026-10-31 23:30:00} AND @T{2026-11-01 00:30:00}
event_time IN (@T{2026-11-01 00:30:00}, @T{2026-03-08 00:30:00}, @T{2026-03-08 01:30:00})
event_time IS DISTINCT FROM @T{2026-11-01 00:00:00}
event_time < @T{2026-11-02 00:00:00.001}
@T{2026-11-01 00:30:00} = event_time
event_time >= @D{2026-11-01} AND event_time <= @T{2026-11-01 12:00:00}

[compare instants] conditions
event_time >= TIMESTAMPTZ '2026-11-01 00:30:00-05:00'
event_time = TIMESTAMPTZ '2026-11-01 04:30:00Z'
event_time = TIMESTAMPTZ '2026-11-01 10:00:00+05:30'
event_time >= @Z{2026-11-01 00:30:00}
event_time = @Z{2026-03-08 00:30:00}
event_time < @Z{2026-11-01 00:00:00}
event_time >= TIMESTAMP WITH TIME ZONE '2026-11-01 04:30:00+00:00'
  duckdb: event_time >= TIMESTAMPTZ '2026-11-01 04:30:00Z'
event_time BETWEEN TIMESTAMPTZ '2026-11-01 04:30:00Z' AND TIMESTAMPTZ '2026-11-01 05:30:00Z'
event_time IN (TIMESTAMPTZ '2026-11-01 04:30:00Z', TIMESTAMPTZ '2026-11-01 05:30:00Z')
event_time = CAST('2026-11-01T04:30:00Z' AS TIMESTAMPTZ)
event_time >= '2026-11-01T04:30:00Z'::timestamptz
event_time >= @S{2026-11-01 00:30:00}::timestamptz
event_time = CAST(@S{2026-03-08 00:30:00} AS TIMESTAMPTZ)
event_time >= @T{2026-11-01 00:30:00}::timestamptz
event_time >= @D{2026-11-01}::timestamptz
event_time >= CAST(@D{2026-03-08} AS TIMESTAMP WITH TIME ZONE)

[compare texts] conditions
event_time {>=|<|=|<>} @S{2026-11-01 00:30:00}
event_time >= @S{2026-11-01}
event_time < @S{2026-03-08}
event_time = @S{2026-03-08 00:30:00}
event_time >= @S{2026-11-01T00:30:00}
event_time = '{2026-11-01T04:30:00Z|2026-11-01 04:30:00+00:00|2026-11-01T00:30:00-05:00}'
event_time BETWEEN @S{2026-11-01} AND @S{2026-11-02}
event_time BETWEEN @S{2026-11-01} AND @D{2026-11-02}
event_time IN (@S{2026-11-01 00:30:00}, @S{2026-03-08 01:30:00})
event_time NOT IN (@S{2026-11-01 00:30:00})
event_time IS NOT DISTINCT FROM @S{2026-11-01 00:30:00}
@S{2026-11-01 00:30:00} <= event_time
event_time >= @S{2026-11-01 00:30:00.001}
event_time < '9999-12-31'
event_time BETWEEN '0001-01-01' AND '9999-12-31'
event_time::timestamp < '9999-12-31'
event_time::date < '9999-12-31'
event_time < @D{9999-12-31}
event_time > @T{0001-01-01 00:00:00}

[time in functions] conditions
CASE WHEN event_time >= @D{2026-11-01} THEN 1 ELSE 0 END = 1
coalesce(event_time, @T{2026-11-01 00:00:00}) >= @T{2026-11-01 00:30:00}
greatest(event_time, TIMESTAMPTZ '2026-11-01 04:30:00Z') = TIMESTAMPTZ '2026-11-01 04:30:00Z'
least(event_time, TIMESTAMPTZ '2026-11-01 04:30:00Z') = event_time
greatest(event_time, @T{2026-11-01 00:30:00}) = event_time
nullif(event_time, TIMESTAMPTZ '2026-11-01 04:30:00Z') IS NULL
nullif(event_time, @T{2026-11-01 00:30:00}) IS NULL
CASE event_time WHEN @T{2026-11-01 00:30:00} THEN true ELSE false END
(event_time >= @D{2026-11-01}) = (user_identity_type = 'root-account')
(event_time >= @D{2026-11-01}) IS NOT TRUE
event_time + INTERVAL '0 days' >= @T{2026-11-01 00:30:00}
CASE WHEN user_identity_type = 'root-account' THEN event_time END >= @D{2026-11-01}
CASE WHEN user_identity_type = 'root-account' THEN event_time ELSE @T{2026-11-01 00:30:00} END =
    @T{2026-11-01 00:30:00}

[casts to date] conditions
event_time::date {=|<>|>|<=|<|>=} DATE '2026-11-01'
event_time::date BETWEEN DATE '2026-10-31' AND DATE '2026-11-01'
event_time::date NOT BETWEEN DATE '2026-03-08' AND DATE '2026-11-01'
event_time::date IN (DATE '2026-11-01', DATE '2026-03-08', DATE '2025-12-31')
event_time::date = '2026-11-01'
event_time::date IN ('2026-11-01', '2026-03-08')
CAST(event_time AS DATE) = CAST('2026-11-01' AS DATE)
TRY_CAST(event_time AS DATE) = DATE '2026-03-08'
event_time::date = TIMESTAMP '2026-11-01 00:00:00'
event_time::date < TIMESTAMP '2026-11-01 12:00:00'
event_time::date {=|<>|>} event_date
event_time::date + INTERVAL '1 day' = TIMESTAMP '2026-11-02 00:00:00'
event_time::date - INTERVAL '1 day' >= DATE '2026-11-01'
event_time::date::varchar = '2026-11-01'
event_time::date::varchar LIKE '2026-11-0%'
event_time::date::timestamp >= TIMESTAMP '2026-11-01 00:00:00'
event_time::date::timestamptz = event_time
  first-instant: first_instant(event_time::DATE) = event_time
event_time::date = event_time
  first-instant: first_instant(event_time::DATE) = event_time
event_time::date < event_time
  first-instant: first_instant(event_time::DATE) < event_time
to_date(event_time::date::varchar) = DATE '2026-11-01'
event_time::date = DATE '2026-11-01' AND event_time::time < TIME '01:00:00'

[the column event_date] conditions
event_date {=|<>|>=} DATE '2026-11-01'
event_date = '2026-11-01'
event_date >= '2026-11-01'
event_date < TIMESTAMP '2026-11-01 12:00:00'
event_date BETWEEN DATE '2026-03-08' AND DATE '2026-03-31'
event_date IN (DATE '2026-11-01', DATE '2026-03-08')
event_date IS NULL
event_date::varchar LIKE '2026-03-%'
event_date::timestamp = TIMESTAMP '2026-11-01 00:00:00'
event_date + INTERVAL '1 day' = TIMESTAMP '2026-11-02 00:00:00'
date_part('month', event_date) = 3
date_trunc('month', event_date) = TIMESTAMP '2026-11-01 00:00:00'
event_date = DATE '2026-11-01' OR event_date IS NULL
event_date < event_time
  first-instant: first_instant(event_date) < event_time
event_date = event_time
  first-instant: first_instant(event_date) = event_time
event_time BETWEEN event_date AND event_date + INTERVAL '1 hour'
  first-instant: event_time BETWEEN first_instant(event_date) AND first_instant(event_date + INTERVAL '1 hour')
event_date::timestamptz <= event_time
  first-instant: first_instant(event_date) <= event_time
event_date < @Z{2026-11-01 00:30:00}::date

[casts to timestamp] conditions
event_time::timestamp {>=|=|<|<>} TIMESTAMP '2026-11-01 00:30:00'
event_time::timestamp BETWEEN TIMESTAMP '2026-11-01 00:00:00' AND TIMESTAMP '2026-11-01 00:59:59'
event_time::timestamp IN (TIMESTAMP '2026-11-01 00:30:00', TIMESTAMP '2026-03-08 01:30:00')
event_time::timestamp = TIMESTAMP '2026-03-08 00:30:00'
event_time::timestamp = '2026-11-01 00:30:00'
event_time::timestamp >= '2026-11-01'
event_time::timestamp >= DATE '2026-11-01'
CAST(event_time AS TIMESTAMP) < CAST('2026-11-01' AS TIMESTAMP)
TRY_CAST(event_time AS TIMESTAMP) > TIMESTAMP '2026-11-01'
event_time::timestamp::date = DATE '2026-11-01'
event_time::timestamp::time = TIME '00:30:00'
event_time::timestamp = date_trunc('day', event_time::timestamp)
event_time::timestamp + INTERVAL '1 day' >= TIMESTAMP '2026-11-02 00:30:00'
event_time::timestamp = event_time
  first-instant: first_instant(event_time::TIMESTAMP) = event_time
event_time::timestamp::timestamptz <> event_time
  first-instant: first_instant(event_time::TIMESTAMP) <> event_time
event_time::timestamp >= TIMESTAMPTZ '2026-11-01 12:00:00Z'
event_time::timestamp(3) = TIMESTAMP '2026-11-01 00:30:00'
  duckdb: event_time::timestamp = TIMESTAMP '2026-11-01 00:30:00'
event_time::timestamp(0) = TIMESTAMP '2026-11-01 00:30:00'
  duckdb: date_trunc('second', event_time::timestamp) = TIMESTAMP '2026-11-01 00:30:00'

[casts that lose the order] conditions
event_time::time < TIME '03:00:00'
event_time::time >= TIME '12:00:00'
event_time::time = TIME '00:00:00'
event_time::time <> TIME '00:00:00'
CAST(event_time AS TIME) BETWEEN TIME '22:00:00' AND TIME '23:59:59.999'
event_time::time IN (TIME '00:30:00', TIME '18:30:00')
event_time::time > '23:00:00'
event_time::time IS NULL
event_time::time::varchar LIKE '00:30%'
event_time::varchar LIKE '2026-11-01%'
substr(event_time::varchar, 1, 7) < '2026-11'
substr(event_time::varchar, 1, 10) = '2026-11-01'
length(event_time::varchar) > 0
right(event_date::varchar, 2) = '01'
substr(event_date::varchar, 6, 2) > '06'
event_time::bigint >= 1793507400000000
  duckdb: epoch_us(event_time) >= 1793507400000000
  cast-to-micros: epoch_us(event_time) >= 1793507400000000
event_time::bigint % 2 = 1
  duckdb: epoch_us(event_time) % 2 = 1
  cast-to-micros: epoch_us(event_time) % 2 = 1
event_time::bigint::varchar LIKE '%000'
  duckdb: epoch_us(event_time)::VARCHAR LIKE '%000'
  cast-to-micros: epoch_us(event_time)::VARCHAR LIKE '%000'
source_record::varchar > '2'
source_record::varchar = '10'
source_offset::varchar < '5'
TRY_CAST(source_record AS SMALLINT) > 5
# DuckDB 1.5 compares the column itself, too, and so takes what does not fit for other than zero.
TRY_CAST(source_offset AS TINYINT) {=|<>|<|>=} 5
  duckdb: CASE WHEN source_offset BETWEEN -128 AND 127 THEN source_offset {1} 5 END
TRY_CAST(source_offset AS TINYINT) {IN|NOT IN} (0, 5)
  duckdb: CASE WHEN source_offset BETWEEN -128 AND 127 THEN source_offset {1} (0, 5) END
TRY_CAST(source_offset AS SMALLINT) BETWEEN 0 AND 1000
  duckdb: CASE WHEN source_offset BETWEEN -32768 AND 32767 THEN source_offset BETWEEN 0 AND 1000 END
TRY_CAST(source_offset AS SMALLINT) IS DISTINCT FROM 0
  duckdb: CASE WHEN source_offset BETWEEN -32768 AND 32767 THEN source_offset END IS DISTINCT FROM 0
TRY_CAST(source_offset AS INT) <> 0
TRY_CAST(source_offset AS TINYINT) IS NULL
source_record::int > 10
source_record::double > 10.5
source_record::real >= 10
-source_record < -10
source_record::decimal(20,3) > 10.5
source_record::boolean
(source_record % 3)::varchar = '1'
arrow_cast(event_time, 'Time64(Nanosecond)') < TIME '03:00:00'
  duckdb: event_time::TIMESTAMP::TIME < TIME '03:00:00'
arrow_cast(event_time, 'Date32') = DATE '2026-11-01'
  duckdb: event_time::date = DATE '2026-11-01'
arrow_cast(event_time, 'Timestamp(Microsecond, None)') >= TIMESTAMP '2026-11-01 00:30:00'
  duckdb: event_time::TIMESTAMP >= TIMESTAMP '2026-11-01 00:30:00'
arrow_cast(source_record, 'Utf8') > '2'
  duckdb: source_record::VARCHAR > '2'
arrow_try_cast(account_id, 'Int64') > 2000
  duckdb: CASE WHEN regexp_full_match(account_id, '-?[0-9]+') THEN account_id::BIGINT > 2000 END
(event_time + INTERVAL '0 hours')::time < TIME '03:00:00'
  duckdb: event_time::TIMESTAMP::TIME < TIME '03:00:00'
date_trunc('minute', event_time)::time < TIME '03:00:00'
  duckdb: event_time::TIMESTAMP::TIME < TIME '03:00:00'
to_timestamp(__time__)::time < TIME '06:00:00'
  duckdb: to_timestamp(__time__)::TIMESTAMP::TIME < TIME '06:00:00'
from_unixtime(__time__)::varchar LIKE '2026-11-0%'
to_timestamp(__time__)::date = DATE '2026-11-04'
to_timestamp_seconds(__time__)::time >= TIME '12:00:00'
  duckdb: to_timestamp(__time__)::TIMESTAMP::TIME >= TIME '12:00:00'
to_local_time(event_time)::time < TIME '03:00:00'
to_unixtime(event_time)::varchar < '2'
(event_time AT TIME ZONE 'Asia/Kolkata')::varchar LIKE '2026-11-01%'
(event_time AT TIME ZONE 'Asia/Kolkata')::timestamp::time < TIME '01:00:00'
(event_time AT TIME ZONE 'UTC')::time >= TIME '12:00:00'
TRY_CAST(account_id AS BIGINT) > 2000
TRY_CAST(account_id AS BIGINT) = 111
TRY_CAST(account_id AS BIGINT) IS NULL
TRY_CAST(account_id AS DOUBLE) < 1000
TRY_CAST(event_id AS BIGINT) IS NOT NULL
  whole-texts: regexp_full_match(event_id, '-?[0-9]+')
TRY_CAST(event_version AS INT) = 1
TRY_CAST(account_id AS DATE) IS NULL
mfa_used::varchar = 'true'
mfa_used::int = 1
mfa_used::varchar > 'false'
CAST(user_identity_type AS VARCHAR) = 'root-account'
user_identity_type::char(4) = 'root'
(source_record::double / 4)::int = 2
  cast-truncates: trunc(source_record::double / 4)::int = 2
source_record / 4 = 2
  whole-division: source_record // 4 = 2

[at time zone] conditions
(event_time AT TIME ZONE 'Asia/Tokyo')::date = DATE '2026-11-01'
(event_time AT TIME ZONE 'America/Havana')::date = DATE '2026-11-01'
(event_time AT TIME ZONE 'UTC')::date = event_date
(event_time AT TIME ZONE '@ZONE')::date = event_time::date
(event_time AT TIME ZONE 'Asia/Kolkata')::timestamp >= TIMESTAMP '2026-11-01 00:30:00'
(event_time AT TIME ZONE 'America/Havana')::time < TIME '01:00:00'
date_part('hour', event_time AT TIME ZONE 'Asia/Tokyo') = 0
extract(dow FROM event_time AT TIME ZONE 'Asia/Kolkata') = 0
to_char(event_time AT TIME ZONE 'America/Havana', '%H:%M') = '00:30'
event_time AT TIME ZONE 'Asia/Tokyo' >= TIMESTAMP '2026-11-01 00:30:00'
event_time AT TIME ZONE 'Asia/Tokyo' >= DATE '2026-11-01'
event_time AT TIME ZONE 'Asia/Tokyo' = event_time
  keeps-instant: event_time = event_time
event_time >= TIMESTAMP '2026-07-01 00:30:00' AT TIME ZONE 'America/Havana'
event_time >= TIMESTAMP '2026-11-01 00:30:00' AT TIME ZONE 'America/Havana'
  first-instant: event_time >= TIMESTAMPTZ '2026-11-01 00:30:00-04:00'
event_time = TIMESTAMP '2026-03-08 00:30:00' AT TIME ZONE 'America/Havana'
event_time < DATE '2026-07-01' AT TIME ZONE 'Asia/Tokyo'
event_time >= '2026-07-01 00:00:00' AT TIME ZONE 'Asia/Tokyo'
  duckdb: event_time >= TIMESTAMP '2026-07-01 00:00:00' AT TIME ZONE 'Asia/Tokyo'
event_time::timestamp AT TIME ZONE '@ZONE' = event_time
  first-instant: first_instant(event_time::timestamp) = event_time
event_time AT TIME ZONE '+05:30' >= TIMESTAMP '2026-11-01 00:30:00'
  duckdb: event_time AT TIME ZONE 'Asia/Kolkata' >= TIMESTAMP '2026-11-01 00:30:00'

[at time zone] questions clock
SELECT event_id, event_time AT TIME ZONE
    '{UTC|Asia/Tokyo|America/Havana|Asia/Kolkata|Europe/Berlin|America/St_Johns|Pacific/Apia|America/Sao_Paulo}' AS t
    FROM events
SELECT date_trunc('day', event_time AT TIME ZONE 'Asia/Tokyo') AS d, count(*) AS n FROM events GROUP BY 1
SELECT (event_time AT TIME ZONE 'America/Havana')::date AS d, count(*) AS n FROM events GROUP BY 1
SELECT max(event_time AT TIME ZONE 'Asia/Kolkata') AS t FROM events
SELECT event_id, (event_time AT TIME ZONE 'Asia/Kolkata') + INTERVAL '90 minutes' AS t FROM events

[date_trunc] questions
SELECT event_id, date_trunc('{microsecond|millisecond|second|minute}', event_time) AS t FROM events
SELECT event_id, date_trunc('hour', event_time) AS t FROM events
  hours-apart: SELECT event_id, local_floor(event_time, 3600000000) AS t FROM events
SELECT event_id, date_trunc('{day|week|month|quarter|year}', event_time) AS t FROM events
  first-instant: SELECT event_id, first_instant(date_trunc('{1}', clock(event_time))) AS t FROM events
SELECT event_id, date_trunc('{hour|day|week|month}', event_time::timestamp) AS t FROM events
SELECT event_id, date_trunc('{week|quarter|year}', event_time::date)::timestamp AS t FROM events
SELECT date_trunc('day', event_time::date)::date AS d, count(*) AS n FROM events GROUP BY 1
SELECT date_trunc('hour', TIMESTAMP '2026-11-01 00:45:00') AS a, date_trunc('hour', TIMESTAMPTZ
    '2026-11-01 05:45:00Z') AS b
SELECT date_trunc('day', event_time) AS d, user_identity_type AS u, count(*) AS n FROM events GROUP BY d, u
  duckdb: SELECT date_trunc('day', event_time) AS d, user_identity_type AS u, count(*) AS n FROM events GROUP BY 1, 2
  first-instant: SELECT first_instant(event_time::date) AS d, user_identity_type AS u, count(*) AS n FROM events GROUP
    BY 1, 2
SELECT date_trunc('hour', event_time) AS d, count(*) AS n FROM events GROUP BY 1
  hours-apart: SELECT local_floor(event_time, 3600000000) AS d, count(*) AS n FROM events GROUP BY 1
SELECT date_trunc('month', event_time)::date AS d, count(*) AS n FROM events GROUP BY 1
  first-instant: SELECT date_trunc('month', clock(event_time))::date AS d, count(*) AS n FROM events GROUP BY 1

[date_trunc] conditions
date_trunc('day', event_time) = DATE '2026-11-01'
  first-instant: first_instant(date_trunc('day', clock(event_time))) = first_instant(TIMESTAMP '2026-11-01')
date_trunc('day', event_time) = DATE '2026-03-08'
  first-instant: first_instant(date_trunc('day', clock(event_time))) = first_instant(TIMESTAMP '2026-03-08')
date_trunc('day', event_time) <= TIMESTAMP '2026-11-01 00:00:00'
  first-instant: first_instant(date_trunc('day', clock(event_time))) <= first_instant(TIMESTAMP '2026-11-01 00:00:00')
date_trunc('day', event_time) > '2026-11-01'
  first-instant: first_instant(date_trunc('day', clock(event_time))) > first_instant(TIMESTAMP '2026-11-01')
date_trunc('week', event_time) = DATE '2026-10-26'
  first-instant: first_instant(date_trunc('week', clock(event_time))) = first_instant(TIMESTAMP '2026-10-26')
date_trunc('month', event_time) = TIMESTAMP '2026-11-01 00:00:00'
  first-instant: first_instant(date_trunc('month', clock(event_time))) = first_instant(TIMESTAMP
    '2026-11-01 00:00:00')
date_trunc('month', event_time) <> DATE '2026-11-01'
  first-instant: first_instant(date_trunc('month', clock(event_time))) <> first_instant(TIMESTAMP '2026-11-01')
date_trunc('quarter', event_time) = DATE '2026-10-01'
  first-instant: first_instant(date_trunc('quarter', clock(event_time))) = first_instant(TIMESTAMP '2026-10-01')
date_trunc('year', event_time) = '2026-01-01'
  first-instant: first_instant(date_trunc('year', clock(event_time))) = first_instant(TIMESTAMP '2026-01-01')
date_trunc('year', event_time) >= DATE '2026-01-01'
  first-instant: first_instant(date_trunc('year', clock(event_time))) >= first_instant(TIMESTAMP '2026-01-01')
date_trunc('hour', event_time) = event_time
  hours-apart: local_floor(event_time, 3600000000) = event_time
date_trunc('hour', event_time) = TIMESTAMPTZ '2026-11-01 {04|05}:00:00Z'
  hours-apart: local_floor(event_time, 3600000000) = TIMESTAMPTZ '2026-11-01 {1}:00:00Z'
date_trunc('hour', event_time) >= @T{2026-03-08 01:00:00}
date_trunc('day', event_time) = event_time
  first-instant: first_instant(event_time::date) = event_time
date_trunc('day', event_time)::date = event_time::date
  duckdb: event_time::date = event_time::date
  first-instant: event_time::date = event_time::date
date_trunc('day', event_time::timestamp) = TIMESTAMP '2026-11-01 00:00:00'
date_trunc('month', event_time::date) = DATE '2026-11-01'
date_trunc('day', event_time) IN (DATE '2026-11-01', DATE '2026-03-08')
  first-instant: event_time::date IN (DATE '2026-11-01', DATE '2026-03-08')
date_trunc('day', event_time) BETWEEN DATE '2026-11-01' AND DATE '2026-11-02'
  first-instant: event_time::date BETWEEN DATE '2026-11-01' AND DATE '2026-11-02'

[date_part] questions
SELECT event_id,
    date_part('{year|quarter|month|week|day|doy|dow|isodow|hour|minute|second|millisecond|microsecond|epoch}',
    event_time) AS n FROM events
SELECT event_id, date_part('{hour|week|epoch}', event_time::timestamp) AS n FROM events
SELECT event_id, date_part('{year|doy|dow|isodow}', event_time::date) AS n FROM events
SELECT event_id, extract(epoch FROM event_time::date) AS n FROM events
SELECT event_id, date_part('hour', event_time::time) AS n FROM events
  duckdb: SELECT event_id, date_part('hour', event_time::TIMESTAMP) AS n FROM events
SELECT event_id, date_part('isoyear', event_time) AS n FROM events
SELECT extract(year FROM event_time) AS y, extract(month FROM event_time) AS m, count(*) AS n FROM events GROUP BY 1,
    2
SELECT date_part('hour', event_time) AS h, count(*) AS n FROM events GROUP BY h

[date_part] conditions
date_part('hour', event_time) = 0
extract(hour FROM event_time) BETWEEN 22 AND 23
extract(hour FROM event_time) >= 12
date_part('day', event_time) = 1
date_part('dow', event_time) = 0
extract(isodow FROM event_time) IN (6, 7)
date_part('doy', event_time) = 365
date_part('week', event_time) = 1
date_part('week', event_time) = 53
date_part('month', event_time) = 2
date_part('quarter', event_time) > 3
date_part('year', event_time) = 2026
date_part('year', event_time) < 2026
date_part('year', event_time) IN (2024, 2027)
date_part('year', event_time) <> 2026
date_part('epoch', event_time) >= 1793507400
extract(epoch FROM event_time) = 1793507400
date_part('minute', event_time) = 30
date_part('second', event_time) = 59
extract(year FROM event_time::date) = 2025
date_part('day', event_time::timestamp) = 31
date_part('hour', event_time) = 0 AND date_part('minute', event_time) = 30
date_part('year', event_time) = 2026 AND date_part('month', event_time) = 11
date_part('microsecond', event_time) % 1000000 <> 0
extract(hour FROM event_time) = 18

[date_bin] questions
SELECT event_id, date_bin(INTERVAL '15 minutes', event_time) AS t FROM events
  duckdb: SELECT event_id, time_bucket(INTERVAL '15 minutes', event_time) AS t FROM events
  local-bins: SELECT event_id, local_floor(event_time, 900000000) AS t FROM events
SELECT event_id, date_bin(INTERVAL '30 minutes', event_time) AS t FROM events
  duckdb: SELECT event_id, time_bucket(INTERVAL '30 minutes', event_time) AS t FROM events
  local-bins: SELECT event_id, local_floor(event_time, 1800000000) AS t FROM events
SELECT event_id, date_bin(INTERVAL '1 hour', event_time) AS t FROM events
  duckdb: SELECT event_id, time_bucket(INTERVAL '1 hour', event_time) AS t FROM events
  local-bins: SELECT event_id, local_floor(event_time, 3600000000) AS t FROM events
SELECT event_id, date_bin(INTERVAL '1 day', event_time) AS t FROM events
  duckdb: SELECT event_id, time_bucket(INTERVAL '1 day', event_time) AS t FROM events
  local-bins: SELECT event_id, local_bin(event_time, 86400000000, TIMESTAMP '1970-01-01 00:00:00') AS t FROM events
SELECT event_id, date_bin(INTERVAL '7 days', event_time) AS t FROM events
  duckdb: SELECT event_id, time_bucket(INTERVAL '7 days', event_time) AS t FROM events
  local-bins: SELECT event_id, local_bin(event_time, 604800000000, TIMESTAMP '1970-01-01 00:00:00') AS t FROM events
SELECT event_id, date_bin(INTERVAL '1 month', event_time) AS t FROM events
  duckdb: SELECT event_id, time_bucket(INTERVAL '1 month', event_time) AS t FROM events
  local-bins: SELECT event_id, first_instant(date_trunc('month', clock(event_time))) AS t FROM events
SELECT event_id, date_bin(INTERVAL '1 day', event_time, TIMESTAMP '2026-01-01 06:00:00') AS t FROM events
  duckdb: SELECT event_id, time_bucket(INTERVAL '1 day', event_time, TIMESTAMPTZ '2026-01-01 06:00:00') AS t FROM
    events
  local-bins: SELECT event_id, local_bin(event_time, 86400000000, TIMESTAMP '2026-01-01 06:00:00') AS t FROM events
SELECT event_id, date_bin(INTERVAL '15 minutes', event_time::timestamp) AS t FROM events
  duckdb: SELECT event_id, time_bucket(INTERVAL '15 minutes', event_time::timestamp) AS t FROM events
SELECT event_id, date_bin(INTERVAL '7 days', event_time::timestamp, TIMESTAMP '2000-01-03 00:00:00') AS t FROM events
  duckdb: SELECT event_id, time_bucket(INTERVAL '7 days', event_time::timestamp) AS t FROM events

[date_bin] conditions
date_bin(INTERVAL '1 day', event_time) = DATE '2026-11-01'
  duckdb: event_time::date = DATE '2026-11-01'
  local-bins: event_time::date = DATE '2026-11-01'
date_bin(INTERVAL '1 hour', event_time) = TIMESTAMPTZ '2026-11-01 05:00:00Z'
  duckdb: date_trunc('hour', event_time) = TIMESTAMPTZ '2026-11-01 05:00:00Z'
  local-bins: local_floor(event_time, 3600000000) = TIMESTAMPTZ
    '2026-11-01 05:00:00Z'
date_bin(INTERVAL '15 minutes', event_time) = event_time
  duckdb: time_bucket(INTERVAL '15 minutes', event_time) = event_time
  local-bins: local_floor(event_time, 900000000) = event_time

[readers of times] questions
SELECT to_timestamp(1793507400) AS a, to_timestamp(1793507400.25) AS b, to_timestamp(-1) AS c, to_timestamp(0) AS d
SELECT from_unixtime(1793507400) AS a, from_unixtime(-1) AS b
SELECT to_timestamp_seconds(1793507400) AS a, to_timestamp_millis(1793507400123) AS b,
    to_timestamp_micros(1793507400123456) AS c
SELECT to_timestamp('2026-11-01 00:30:00') AS a
  duckdb: SELECT @Z{2026-11-01 00:30:00} AS a
SELECT to_timestamp('2026-11-01') AS a
  duckdb: SELECT @Z{2026-11-01} AS a
SELECT to_timestamp('2026-03-08') AS a
  duckdb: SELECT @Z{2026-03-08} AS a
SELECT to_timestamp('2026-03-08T00:30:00.123') AS a
  duckdb: SELECT @Z{2026-03-08T00:30:00.123} AS a
SELECT to_timestamp('2026-07-01 12:00:00') AS a
  duckdb: SELECT @Z{2026-07-01 12:00:00} AS a
SELECT to_timestamp('2026-11-01T00:30:00-05:00') AS a
  duckdb: SELECT TIMESTAMPTZ '2026-11-01 00:30:00-05:00' AS a
SELECT to_timestamp('01/11/2026 00:30', '%d/%m/%Y %H:%M') AS a
  duckdb: SELECT @Z{2026-11-01 00:30:00} AS a
SELECT to_timestamp_millis('2026-11-01 00:30:00') AS a, to_timestamp_seconds('2026-03-08') AS b
  duckdb: SELECT @Z{2026-11-01 00:30:00} AS a, @Z{2026-03-08 00:00:00} AS b
SELECT event_id, to_timestamp(event_time::varchar) AS t FROM events
  duckdb: SELECT event_id, event_time AS t FROM events
SELECT event_id, to_timestamp(__time__) AS t FROM events
SELECT event_id, from_unixtime(__time__) AS t FROM events
SELECT event_id, to_timestamp(event_date) AS t FROM events
  duckdb: SELECT event_id, first_instant(event_date) AS t FROM events
SELECT event_id, to_unixtime(event_time) AS n FROM events
SELECT to_unixtime('2026-11-01 00:30:00') AS a, to_unixtime('2026-11-01T00:30:00Z') AS b, to_unixtime(DATE
    '2026-03-08') AS c
  duckdb: SELECT epoch(@Z{2026-11-01 00:30:00}) AS a, epoch(TIMESTAMPTZ '2026-11-01 00:30:00Z') AS b,
    epoch(@Z{2026-03-08}) AS c
SELECT event_id, to_local_time(event_time) AS t FROM events
SELECT to_date('2026-11-01') AS a, make_date(2026, 2, 28) AS b
SELECT to_date('01.11.2026', '%d.%m.%Y') AS a
  duckdb: SELECT DATE '2026-11-01' AS a
SELECT DISTINCT to_timestamp(source_record) AS t FROM events
SELECT @Z{2026-11-01 00:30:00} AS a, @Z{2026-03-08 00:30:00} AS b, @Z{2026-07-01} AS c
SELECT '2026-11-01 00:30:00'::timestamptz AS a, DATE '2026-11-01'::timestamptz AS b, TIMESTAMP
    '2026-03-08 00:30:00'::timestamptz AS c
  duckdb: SELECT @Z{2026-11-01 00:30:00} AS a, @Z{2026-11-01} AS b, @Z{2026-03-08 00:30:00} AS c
SELECT TRY_CAST('no time' AS TIMESTAMPTZ) AS a, TRY_CAST('2026-13-01' AS DATE) AS b, TRY_CAST('2026-02-30 00:00:00' AS
    TIMESTAMP) AS c
SELECT TIMESTAMP '2026-11-01 00:30:00' AS a, DATE '2026-11-01' AS b, TIME '00:30:00' AS c, '2026-11-01'::timestamp AS
    d
SELECT TIMESTAMPTZ '2026-11-01 05:30:00Z'::timestamp AS a, TIMESTAMPTZ '2026-11-01 05:30:00Z'::date AS b,
    '2026-11-01T22:30:00Z'::timestamptz::date AS c
SELECT '2026-11-01T22:30:00Z'::timestamp AS a

[readers of times] conditions
event_time >= to_timestamp(1793507400)
event_time = to_timestamp(1793507400)
event_time < from_unixtime(1793507400)
event_time = to_timestamp_millis(1793507400000)
event_time >= to_timestamp_seconds(1793507400)
to_timestamp(1793507400) <= event_time
event_time BETWEEN to_timestamp(1793505600) AND to_timestamp(1793509200)
event_time IN (to_timestamp(1793507400), to_timestamp(1793511000))
event_time >= to_timestamp('2026-11-01 00:30:00')
  duckdb: event_time >= @Z{2026-11-01 00:30:00}
event_time = to_timestamp('2026-03-08 00:30:00')
  duckdb: event_time = @Z{2026-03-08 00:30:00}
event_time >= to_timestamp('2026-11-01T04:30:00Z')
  duckdb: event_time >= TIMESTAMPTZ '2026-11-01 04:30:00Z'
event_time >= to_date('2026-11-01')
  duckdb: event_time >= @Z{2026-11-01}
event_time >= make_date(2026, 11, 1)
  duckdb: event_time >= @Z{2026-11-01}
to_unixtime(event_time) = 1793507400
to_unixtime(event_time) >= 1793507400
to_unixtime(event_time) % 3600 = 1800
to_local_time(event_time) >= TIMESTAMP '2026-11-01 00:30:00'
to_local_time(event_time) = TIMESTAMP '2026-03-08 01:30:00'
to_local_time(event_time)::date = DATE '2026-11-01'
to_timestamp(__time__) >= event_time
from_unixtime(__time__)::date = event_time::date
abs(__time__ - to_unixtime(event_time)) < 3600

[intervals] questions
SELECT event_id, event_time + INTERVAL '{1 day|-1 day|7 days|1 week|1 month|-1 month|1 year|2 months 1 day}' AS t FROM
    events
  first-instant: SELECT event_id, first_instant(clock(event_time) + INTERVAL '{1}') AS t FROM events
SELECT event_id, event_time + INTERVAL '{1 hour|24 hours|90 minutes|1 millisecond}' AS t FROM events
SELECT event_id, event_time - INTERVAL '1 month' AS t FROM events
  first-instant: SELECT event_id, first_instant(clock(event_time) - INTERVAL '1 month') AS t FROM events
SELECT event_id, event_time - INTERVAL '1 day' AS t FROM events
  first-instant: SELECT event_id, first_instant(clock(event_time) - INTERVAL '1 day') AS t FROM events
SELECT event_id, event_time::timestamp + INTERVAL '{1 day|-1 month|36 hours}' AS t FROM events
SELECT event_id, event_date + INTERVAL '1 day' AS t FROM events
  date-stays: SELECT event_id, (event_date + INTERVAL '1 day')::date AS t FROM events
SELECT event_id, event_date + INTERVAL '1 month' AS t FROM events
  date-stays: SELECT event_id, (event_date + INTERVAL '1 month')::date AS t FROM events
SELECT event_id, event_date + INTERVAL '12 hours' AS t FROM events
SELECT event_id, event_date::timestamp + INTERVAL '12 hours' AS t FROM events
SELECT DATE '2026-01-31' + INTERVAL '1 month' AS a, DATE '2024-02-29' + INTERVAL '1 year' AS b, DATE '2026-03-31' -
    INTERVAL '1 month' AS c
  date-stays: SELECT DATE '2026-02-28' AS a, DATE '2025-02-28' AS b, DATE '2026-02-28' AS c
SELECT event_id, date_part('epoch', event_time - TIMESTAMPTZ '2026-11-01 00:00:00Z') AS n FROM events
  duckdb: SELECT event_id, (epoch_us(event_time) - epoch_us(TIMESTAMPTZ '2026-11-01 00:00:00Z')) / 1e6 AS n FROM events
SELECT event_id, date_part('epoch', event_time - DATE '2026-11-01') AS n FROM events
  duckdb: SELECT event_id, (epoch_us(event_time) - epoch_us(@Z{2026-11-01})) / 1e6 AS n FROM events
SELECT event_id, event_time - lag(event_time) OVER (ORDER BY event_time, @KEY) AS n FROM events
  duckdb: SELECT event_id, to_microseconds(epoch_us(event_time) - epoch_us(lag(event_time) OVER (ORDER BY event_time,
    @KEY))) AS n FROM events
SELECT max(event_time) - min(event_time) AS n FROM events
  duckdb: SELECT to_microseconds(epoch_us(max(event_time)) - epoch_us(min(event_time))) AS n FROM events
SELECT DATE '2026-11-02' - DATE '2026-10-01' AS n
SELECT event_id, event_date - DATE '2026-01-01' AS n FROM events
SELECT DISTINCT event_date + 1 AS a FROM events

[intervals] conditions
event_time + INTERVAL '1 day' >= TIMESTAMP '2026-11-02 00:30:00'
  first-instant: first_instant(clock(event_time) + INTERVAL '1 day') >= first_instant(TIMESTAMP '2026-11-02 00:30:00')
event_time - INTERVAL '1 day' >= TIMESTAMP '2026-11-01 00:30:00'
  first-instant: first_instant(clock(event_time) - INTERVAL '1 day') >= first_instant(TIMESTAMP '2026-11-01 00:30:00')
event_time + INTERVAL '1 day' >= TIMESTAMP '2026-03-08 00:30:00'
  first-instant: first_instant(clock(event_time) + INTERVAL '1 day') >= first_instant(TIMESTAMP '2026-03-08 00:30:00')
event_time - INTERVAL '1 month' >= TIMESTAMP '2026-11-01 00:00:00'
  first-instant: first_instant(clock(event_time) - INTERVAL '1 month') >= first_instant(TIMESTAMP
    '2026-11-01 00:00:00')
event_time + INTERVAL '1 month' >= TIMESTAMP '2026-03-08 00:30:00'
  first-instant: first_instant(clock(event_time) + INTERVAL '1 month') >= first_instant(TIMESTAMP
    '2026-03-08 00:30:00')
event_time - INTERVAL '1 year' >= TIMESTAMP '2025-11-01 00:30:00'
  first-instant: first_instant(clock(event_time) - INTERVAL '1 year') >= first_instant(TIMESTAMP
    '2025-11-01 00:30:00')
event_time + INTERVAL '24 hours' >= @T{2026-11-02 00:30:00}
event_time - INTERVAL '1 hour' = TIMESTAMPTZ '2026-11-01 04:30:00Z'
event_time >= DATE '2026-11-02' - INTERVAL '1 day'
  duckdb: event_time >= @T{2026-11-01 00:00:00}
event_time >= TIMESTAMP '2026-11-02 00:30:00' - INTERVAL '1 day'
  duckdb: event_time >= @T{2026-11-01 00:30:00}
event_time < DATE '2026-11-01' + INTERVAL '1 month'
  duckdb: event_time < @T{2026-12-01 00:00:00}
event_time >= TIMESTAMPTZ '2026-11-02 05:30:00Z' - INTERVAL '1 day'
  first-instant: event_time >= first_instant(clock(TIMESTAMPTZ '2026-11-02 05:30:00Z') - INTERVAL '1 day')
event_time - INTERVAL '1 day' < event_time::date
  first-instant: first_instant(clock(event_time) - INTERVAL '1 day') < first_instant(event_time::date)
event_time - TIMESTAMPTZ '2026-11-01 04:30:00Z' > INTERVAL '1 hour'
  duckdb: epoch_us(event_time) - epoch_us(TIMESTAMPTZ '2026-11-01 04:30:00Z') > 3600000000
event_time - {DATE '2026-11-01'|TIMESTAMP '2026-11-01 00:00:00'} > INTERVAL '12 hours'
  duckdb: epoch_us(event_time) - epoch_us(@Z{2026-11-01}) > 43200000000
{DATE '2026-11-02'|TIMESTAMP '2026-11-02 00:00:00'} - event_time < INTERVAL '12 hours'
  duckdb: epoch_us(@Z{2026-11-02}) - epoch_us(event_time) < 43200000000
event_time - event_date < INTERVAL '6 hours'
  duckdb: epoch_us(event_time) - epoch_us(first_instant(event_date)) < 21600000000
event_time::timestamp - event_time::date > INTERVAL '6 hours'
  duckdb: epoch_us(event_time::TIMESTAMP) - epoch_us(event_time::DATE) > 21600000000
event_time - TIMESTAMPTZ '2026-10-31 04:30:00Z' = INTERVAL '1 day'
  duckdb: epoch_us(event_time) - epoch_us(TIMESTAMPTZ '2026-10-31 04:30:00Z') = 86400000000
event_time - TIMESTAMPTZ '2026-10-31 04:30:00Z' > INTERVAL '1 day'
  duckdb: epoch_us(event_time) - epoch_us(TIMESTAMPTZ '2026-10-31 04:30:00Z') > 86400000000
event_time - TIMESTAMPTZ '2026-10-31 04:30:00Z' < INTERVAL '36 hours'
  duckdb: epoch_us(event_time) - epoch_us(TIMESTAMPTZ '2026-10-31 04:30:00Z') < 129600000000
now() - event_time < INTERVAL '7 days'
  duckdb: epoch_us(TIMESTAMPTZ '2026-11-08T12:34:56.789Z') - epoch_us(event_time) < 604800000000
event_time - TIMESTAMPTZ '2026-10-31 04:30:00Z' BETWEEN INTERVAL '1 hour' AND INTERVAL '2 days'
  duckdb: epoch_us(event_time) - epoch_us(TIMESTAMPTZ '2026-10-31 04:30:00Z') BETWEEN 3600000000 AND 172800000000
INTERVAL '1 day' = INTERVAL '24 hours'
INTERVAL '25 hours' > INTERVAL '1 day'
INTERVAL '1 month' > INTERVAL '20 days'

[the present] conditions
event_time <= now()
event_time > now() - INTERVAL '1 hour'
event_time > current_timestamp - INTERVAL '36 hours'
event_time > now() - INTERVAL '7 days'
  first-instant: event_time > first_instant(clock(TIMESTAMPTZ '2026-11-08T12:34:56.789Z') - INTERVAL '7 days')
event_time >= now() - INTERVAL '1 month'
  first-instant: event_time >= first_instant(clock(TIMESTAMPTZ '2026-11-08T12:34:56.789Z') - INTERVAL '1 month')
event_time::date = current_date
event_time::date < today()
event_date = current_date
event_time >= current_date
  duckdb: event_time >= (TIMESTAMPTZ '2026-11-08T12:34:56.789Z')::date
  first-instant: event_time >= first_instant((TIMESTAMPTZ '2026-11-08T12:34:56.789Z')::date)
event_time >= current_date - INTERVAL '7 days'
  duckdb: event_time >= (TIMESTAMPTZ '2026-11-08T12:34:56.789Z')::date - INTERVAL '7 days'
  first-instant: event_time >= first_instant((TIMESTAMPTZ '2026-11-08T12:34:56.789Z')::date - INTERVAL '7 days')
event_time::date >= current_date - INTERVAL '7 days'
date_trunc('day', event_time) = date_trunc('day', now())
event_time >= date_trunc('month', now())
  first-instant: event_time >= first_instant(date_trunc('month', clock(TIMESTAMPTZ '2026-11-08T12:34:56.789Z')))
event_time::time < current_time
extract(hour FROM event_time) = extract(hour FROM now())
now()::date = event_time::date
event_time::timestamp >= now()::timestamp

[the present] questions
SELECT now() AS a, current_timestamp AS b, current_date AS c, now()::date AS e, now()::timestamp AS f, today() AS g
SELECT current_time AS a
SELECT count(*) FILTER (WHERE event_time > now() - INTERVAL '24 hours') AS a FROM events
SELECT date_part('epoch', now()) AS a, date_part('day', current_date) AS b, to_unixtime(now()) AS c

[to_char] conditions
to_char(event_time, '%Y-%m-%d') = '2026-11-01'
to_char(event_time, '%H:%M') = '00:30'
to_char(event_time, '%A') = 'Sunday'
date_format(event_time, '%Y-%m') = '2026-11'
to_char(event_time::date, '%d') = '01'
to_char(event_time::timestamp, '%H') < '03'
to_char(event_time, '%Y-%m-%d') > '2026-11-01'
to_char(event_time, '%Y-%m-%d') IN ('2026-03-08', '2026-11-01')

[to_char] questions
SELECT event_id, to_char(event_time, '%Y-%m-%d %H:%M:%S') AS t FROM events
SELECT event_id, to_char(event_time, '%d/%b/%y %I %p %j %a') AS t FROM events
SELECT event_id, to_char(event_time::timestamp, '%Y%m%dT%H%M') AS t FROM events
SELECT event_id, to_char(event_date, '%Y/%m/%d') AS t FROM events
SELECT event_id, to_char(event_time, '%H:%M:%S%.3f') AS t FROM events
  duckdb: SELECT event_id, strftime(event_time, '%H:%M:%S.%g') AS t FROM events
SELECT event_id, to_char(event_time, '%z') AS t FROM events WHERE event_time > DATE '1970-01-02'
  duckdb: SELECT event_id, CASE length(strftime(event_time, '%z')) WHEN 3 THEN strftime(event_time, '%z') || '00' ELSE
    replace(strftime(event_time, '%z'), ':', '') END AS t FROM events WHERE event_time > DATE '1970-01-02'
SELECT to_char(event_time, '%Y-%m') AS m, count(*) AS n FROM events GROUP BY 1

[casts of times] questions
SELECT event_id, event_time FROM events
SELECT event_id, event_time::date AS d FROM events
SELECT event_id, event_time::timestamp AS t FROM events
SELECT event_id, event_time::time AS t FROM events
SELECT event_id, event_date, event_date::timestamp AS t FROM events
SELECT event_id, event_date::timestamptz AS t FROM events
  duckdb: SELECT event_id, first_instant(event_date) AS t FROM events
SELECT event_id, event_time::timestamp::timestamptz AS t FROM events
  first-instant: SELECT event_id, first_instant(event_time::timestamp) AS t FROM events
SELECT event_id, event_date::varchar AS t FROM events
SELECT event_id, event_time::date::varchar AS t FROM events
SELECT event_id, substr(event_time::varchar, 1, 19) AS t FROM events
  iso-time-text: SELECT event_id, replace(substr(event_time::varchar, 1, 19), ' ', 'T') AS t FROM events
SELECT event_id, substr(event_time::timestamp::varchar, 1, 19) AS t FROM events
  iso-time-text: SELECT event_id, replace(substr(event_time::timestamp::varchar, 1, 19), ' ', 'T') AS t FROM events
SELECT DISTINCT concat('at ', event_date, ' ', substr(event_time::varchar, 1, 19)) AS t FROM events
  iso-time-text: SELECT DISTINCT concat('at ', event_date, ' ', replace(substr(event_time::varchar, 1, 19), ' ', 'T'))
    AS t FROM events
SELECT event_id, event_time::varchar::timestamptz AS t FROM events
  duckdb: SELECT event_id, event_time AS t FROM events
SELECT event_id, event_time::bigint AS n FROM events
  duckdb: SELECT event_id, epoch_us(event_time) AS n FROM events
SELECT event_id, event_time::timestamp(0) AS t FROM events
  duckdb: SELECT event_id, date_trunc('second', event_time::timestamp) AS t FROM events
SELECT min(event_time) AS a, max(event_time) AS b, min(event_date) AS c, max(event_time::date) AS d FROM events
SELECT max(event_time::timestamp) AS a, min(event_time::timestamp) AS b FROM events
SELECT min(event_time::time) AS a, max(event_time::time) AS b FROM events
SELECT event_time::date AS d, count(*) AS n, count(DISTINCT event_name) AS m FROM events GROUP BY 1
SELECT DISTINCT event_time::date AS d FROM events
SELECT count(DISTINCT event_time::date) AS a, count(DISTINCT event_date) AS b FROM events

[columns that prune] conditions
user_identity_type = 'root-account'
user_identity_type <> 'root-account'
user_identity_type IN ('root-account', 'system')
user_identity_type NOT IN ('root-account', 'ram-user')
user_identity_type LIKE 'root%'
user_identity_type NOT LIKE 'root%'
user_identity_type > 'ram-user'
user_identity_type >= 'root-account' AND user_identity_type < 'root-accounu'
user_identity_type BETWEEN 'r' AND 's'
user_identity_type IS NULL
user_identity_type IS NOT NULL
user_identity_type IS DISTINCT FROM 'root-account'
user_identity_type IS NOT DISTINCT FROM NULL
upper(user_identity_type) = 'ROOT-ACCOUNT'
length(user_identity_type) = 12
coalesce(user_identity_type, 'root-account') = 'root-account'
nullif(user_identity_type, 'root-account') IS NULL
CASE WHEN user_identity_type = 'root-account' THEN 'r' ELSE 'o' END = 'o'
concat(user_identity_type, '') = 'root-account'
user_identity_type || '' = 'root-account'
reverse(user_identity_type) > 't'
substr(user_identity_type, 2) > 'p'
user_identity_type = 'root-account' OR event_name = 'DescribeRegions'
user_identity_type = 'root-account' OR user_identity_type IS NULL
user_identity_type = 'root-account' AND event_time::date = DATE '2026-11-01'
user_identity_type = 'root-account' AND event_time >= @D{2026-11-01}
user_identity_type = 'root-account' AND request_parameter_json IS NOT NULL
user_identity_type = 'root-account' AND NOT mfa_used
user_identity_type = 'root-account' AND user_identity_type <> 'root-account'
user_identity_type IN ('root-account') AND length(event_name) > 12
user_identity_type = ''
user_identity_type = 'Root-Account'
user_identity_type ILIKE 'ROOT-%'
'root-account' = user_identity_type
event_name LIKE 'Desc%'
event_name NOT LIKE 'Desc%'
starts_with(event_name, 'Desc')
event_name >= 'R' AND event_name < 'S'
event_name = 'RunInstances'
event_name IN ('RunInstances', 'runinstances', '')
event_name = ''
event_name <> ''
event_name IS NULL
event_name > 'Z'
event_name < 'a'
event_name > 'é'
event_name = 'Ünï€ode'
lower(event_name) = 'runinstances'
length(event_name) = 0
length(event_name) > 10
substr(event_name, 1, 3) = 'Run'
left(event_name, 3) <> 'Run'
event_name LIKE '%' AND event_name NOT LIKE '_%'
event_name BETWEEN 'A' AND 'D'
event_name NOT BETWEEN 'A' AND 'D'
trim(event_name) = event_name
event_id = 'O-00010'
event_id IN ('O-00010', 'O-00011', 'none')
event_id <> 'O-00010'
event_id LIKE 'O-000%'
event_id > 'O-00300'
lower(event_id) = 'o-00010'
event_id::varchar = 'O-00010'
event_id || 'x' = 'O-00010x'
right(event_id, 2) = '10'
event_id IS NULL
substr(event_id, 3) > '00300'
event_id NOT IN ('O-00010')
request_id = 'R-00010'
request_id IN ('R-00010', 'R-00020')
request_id IS NULL
upper(request_id) = 'R-00010'
user_identity_access_key_id = 'LTAI5tOracle0'
user_identity_access_key_id IS NULL
user_identity_access_key_id LIKE 'LTAI%'
account_id = '111'
account_id IN ('111', '2222222222222222')
account_id <> '111'
account_id > '2'
account_id < '10'
account_id IS NULL
account_id = '0111'
account_id::varchar = '111'
length(account_id) = 3
TRY_CAST(account_id AS BIGINT) BETWEEN 100 AND 999
account_id LIKE '1%1'
source_ip_address = '203.0.113.9'
source_ip_address LIKE '203.0.113.%'
source_ip_address > '9'
error_code IS NULL
error_code = ''
coalesce(error_code, '') = ''
error_code <> ''
acs_region = 'cn-hangzhou' AND service_name ILIKE 'ecs'
outcome <> 'success'
outcome = 'denied' OR error_code LIKE '%Forbidden%'
source_record > 5 AND source_record <= 10
source_offset = 0
source_record % 2 = 0
source_record + 1 > 10
source_record * -1 < -10
abs(source_record - 10) <= 2
__time__ IS NULL
__time__ > 1793507400
extra IS NOT NULL
event_name = error_code
user_identity_account_id = account_id
user_identity_account_id <> recipient_account_id
event_id = request_id

[two bounds] conditions
source_record > 3 AND 12 < source_record
source_record > 12 AND 3 < source_record
3 < source_record AND 12 < source_record
12 > source_record AND source_record < 3
source_record < 12 AND 3 > source_record
3 <= source_record AND source_record <= 12
source_record >= 3 AND source_record > 3
3 <= source_record AND source_record > 3
source_record <= 3 AND 3 > source_record
source_record <= 3 AND 3 <= source_record
source_record = 3 AND 3 = source_record
source_record = 3 AND 12 = source_record
source_record = 3 AND 3 < source_record
source_record <> 3 AND 3 <> source_record
3 > source_record AND 12 > source_record
event_name > 'ConsoleSignin' AND 'RunInstances' < event_name
event_name > 'RunInstances' AND 'ConsoleSignin' < event_name
'ConsoleSignin' < event_name AND 'RunInstances' < event_name
'RunInstances' > event_name AND event_name < 'ConsoleSignin'
event_name < 'RunInstances' AND 'ConsoleSignin' > event_name
'ConsoleSignin' <= event_name AND event_name <= 'RunInstances'
event_name >= 'ConsoleSignin' AND event_name > 'ConsoleSignin'
'ConsoleSignin' <= event_name AND event_name > 'ConsoleSignin'
event_name <= 'ConsoleSignin' AND 'ConsoleSignin' > event_name
event_name <= 'ConsoleSignin' AND 'ConsoleSignin' <= event_name
event_name = 'ConsoleSignin' AND 'ConsoleSignin' = event_name
event_name = 'ConsoleSignin' AND 'RunInstances' = event_name
event_name = 'ConsoleSignin' AND 'ConsoleSignin' < event_name
event_name <> 'ConsoleSignin' AND 'ConsoleSignin' <> event_name
'ConsoleSignin' > event_name AND 'RunInstances' > event_name
source_offset > 10 AND 100.5 < source_offset
source_offset > 100.5 AND 10 < source_offset
10 < source_offset AND 100.5 < source_offset
100.5 > source_offset AND source_offset < 10
source_offset < 100.5 AND 10 > source_offset
10 <= source_offset AND source_offset <= 100.5
source_offset >= 10 AND source_offset > 10
10 <= source_offset AND source_offset > 10
source_offset <= 10 AND 10 > source_offset
source_offset <= 10 AND 10 <= source_offset
source_offset = 10 AND 10 = source_offset
source_offset = 10 AND 100.5 = source_offset
source_offset = 10 AND 10 < source_offset
source_offset <> 10 AND 10 <> source_offset
10 > source_offset AND 100.5 > source_offset
event_time > TIMESTAMPTZ '2026-11-01 04:30:00Z' AND TIMESTAMPTZ '2026-11-04 00:00:00Z' < event_time
event_time > TIMESTAMPTZ '2026-11-04 00:00:00Z' AND TIMESTAMPTZ '2026-11-01 04:30:00Z' < event_time
TIMESTAMPTZ '2026-11-01 04:30:00Z' < event_time AND TIMESTAMPTZ '2026-11-04 00:00:00Z' < event_time
TIMESTAMPTZ '2026-11-04 00:00:00Z' > event_time AND event_time < TIMESTAMPTZ '2026-11-01 04:30:00Z'
event_time < TIMESTAMPTZ '2026-11-04 00:00:00Z' AND TIMESTAMPTZ '2026-11-01 04:30:00Z' > event_time
TIMESTAMPTZ '2026-11-01 04:30:00Z' <= event_time AND event_time <= TIMESTAMPTZ '2026-11-04 00:00:00Z'
event_time >= TIMESTAMPTZ '2026-11-01 04:30:00Z' AND event_time > TIMESTAMPTZ '2026-11-01 04:30:00Z'
TIMESTAMPTZ '2026-11-01 04:30:00Z' <= event_time AND event_time > TIMESTAMPTZ '2026-11-01 04:30:00Z'
event_time <= TIMESTAMPTZ '2026-11-01 04:30:00Z' AND TIMESTAMPTZ '2026-11-01 04:30:00Z' > event_time
event_time <= TIMESTAMPTZ '2026-11-01 04:30:00Z' AND TIMESTAMPTZ '2026-11-01 04:30:00Z' <= event_time
event_time = TIMESTAMPTZ '2026-11-01 04:30:00Z' AND TIMESTAMPTZ '2026-11-01 04:30:00Z' = event_time
event_time = TIMESTAMPTZ '2026-11-01 04:30:00Z' AND TIMESTAMPTZ '2026-11-04 00:00:00Z' = event_time
event_time = TIMESTAMPTZ '2026-11-01 04:30:00Z' AND TIMESTAMPTZ '2026-11-01 04:30:00Z' < event_time
event_time <> TIMESTAMPTZ '2026-11-01 04:30:00Z' AND TIMESTAMPTZ '2026-11-01 04:30:00Z' <> event_time
TIMESTAMPTZ '2026-11-01 04:30:00Z' > event_time AND TIMESTAMPTZ '2026-11-04 00:00:00Z' > event_time
event_time >= @D{2026-11-01} AND event_time >= TIMESTAMPTZ '2026-11-01 05:00:00Z'
event_time >= TIMESTAMPTZ '2026-11-01 05:00:00Z' AND event_time >= @D{2026-11-01}
event_time > @T{2026-11-01 00:30:00} AND event_time >= @S{2026-11-01 00:30:00}
@D{2026-11-02} > event_time AND event_time < @T{2026-11-01 00:30:00}
event_time >= @D{2026-11-01} AND event_time::date >= DATE '2026-11-02'
event_time::date >= DATE '2026-11-01' AND event_time::date > DATE '2026-11-01'
event_time::date >= DATE '2026-11-01' AND DATE '2026-11-02' <= event_time::date
event_name = 'RunInstances' AND event_name IN ('RunInstances', 'x')
event_name = 'RunInstances' AND event_name LIKE 'Run%'
event_name IN ('RunInstances', 'a') AND event_name IN ('RunInstances', 'b')
event_name IN ('RunInstances', 'a') AND event_name NOT IN ('a')
event_name = 'RunInstances' OR 'RunInstances' = event_name
source_record = 1 OR source_record = 2 OR 3 = source_record
source_record IN (1, 2, 3) AND source_record > 1.5
source_record > 1 AND source_record > 2.5 AND source_record < 9
mfa_used AND mfa_used = true AND true = mfa_used
event_name IS NOT NULL AND event_name <> ''
event_name IS NULL AND event_name = 'x'
event_name = 'x' AND event_name <> 'x'
source_record BETWEEN 2 AND 8 AND source_record BETWEEN 5 AND 20
source_record BETWEEN 8 AND 2

[simplified] conditions
event_name = event_name
event_name <> event_name
source_record - source_record = 0
source_record * 0 = 0
__time__ * 0 = 0
__time__ - __time__ = 0
__time__ % 1 = 0
__time__ = __time__ OR mfa_used
mfa_used OR NOT mfa_used
mfa_used AND NOT mfa_used
mfa_used = mfa_used
mfa_used <> NOT mfa_used
NOT (mfa_used AND is_global)
NOT (mfa_used OR is_global)
NOT (NOT mfa_used)
(mfa_used AND is_global) OR (mfa_used AND NOT is_global)
(mfa_used OR is_global) AND (mfa_used OR NOT is_global)
CASE WHEN mfa_used THEN true ELSE false END
CASE WHEN mfa_used THEN false ELSE true END
CASE WHEN mfa_used THEN true ELSE mfa_used END
CASE WHEN mfa_used THEN NULL ELSE true END
CASE WHEN event_name = 'RunInstances' THEN 1 WHEN event_name IS NULL THEN 2 END = 2
CASE WHEN event_name = 'RunInstances' THEN 1 ELSE 2 END <> 1
CASE WHEN event_name = 'RunInstances' THEN 1 END IS NULL
nullif(mfa_used, false)
coalesce(mfa_used, is_global, true)
coalesce(event_name, 'x') <> 'x'
coalesce(event_name, error_code) IS NULL
event_name IN ('RunInstances', NULL)
event_name NOT IN ('RunInstances', NULL)
event_name IN (NULL)
event_name BETWEEN NULL AND 'Z'
event_name || NULL IS NULL
(event_name || error_code) IS NULL
source_record + NULL IS NULL
(event_name = 'RunInstances') IS NULL
(event_name = 'RunInstances') IS NOT TRUE
(event_name = 'RunInstances') IS NOT FALSE
(event_name = 'RunInstances') = mfa_used
(event_name = 'RunInstances') IS DISTINCT FROM mfa_used
(event_name IN ('RunInstances', 'ConsoleSignin')) IS NULL
event_name LIKE '%'
event_name NOT LIKE '%'
event_name LIKE '%%'
event_name ILIKE '%'
event_name LIKE '_%'
event_name LIKE '%s'
event_name LIKE '%un%'
event_name NOT LIKE '%un%' OR event_name IS NULL
event_name ~ '{|.*|^$|^RunInstances$|^Run|stances$|.|Run}'
event_name ~ '^(RunInstances|ConsoleSignin)$'
event_name !~ '{.*|^$|.|^RunInstances$|Run}'
event_name ~* '^RUNINSTANCES$'
event_name !~* 'run'
event_name ~ NULL
event_name LIKE user_agent
event_name = upper(event_name)
lower(event_name) LIKE 'run%'
length(event_name) BETWEEN 1 AND 12
floor(source_record::double / 10) = 1
ceil(source_record::double / 10) >= 2
round(source_record::double / 10) = 1
abs(source_record) < 3
source_record + 1 = 5
10 - source_record > 5
source_record * 2 >= 20
source_record::double = 5
source_record::decimal(20, 2) = 5.00
source_record = 5.0
source_record > 4.5
source_record = '5'
source_record IN (1.0, 2.5, 3)
source_record::varchar = '5'
source_record::varchar = '05'
source_record::varchar IN ('1', '02')
TRY_CAST(source_offset AS INT) <> 0
TRY_CAST(event_name AS BIGINT) IS NULL
TRY_CAST(user_identity_user_name AS BOOLEAN) IS NULL
event_name >= 'Zuluuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu'
event_name > 'Zuluuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu0'
event_name LIKE 'Zuluuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu_'
EXISTS (SELECT 1 FROM events WHERE false)
NOT EXISTS (SELECT 1 FROM events WHERE event_name = 'none')
event_name = (SELECT max(event_name) FROM events)
source_record > (SELECT avg(source_record) FROM events)
event_name IN (SELECT NULL)
event_name NOT IN (SELECT error_code FROM events WHERE error_code IS NOT NULL)

[booleans] conditions
mfa_used
NOT mfa_used
mfa_used = true
mfa_used = false
mfa_used <> true
mfa_used IS TRUE
mfa_used IS NOT TRUE
mfa_used IS FALSE
mfa_used IS NOT FALSE
mfa_used IS UNKNOWN
  duckdb: mfa_used IS NULL
mfa_used IS NOT UNKNOWN
  duckdb: mfa_used IS NOT NULL
mfa_used IS NULL
mfa_used IN (true)
mfa_used NOT IN (true)
mfa_used > false
mfa_used >= true
mfa_used {=|AND|OR} is_global
coalesce(mfa_used, false)
mfa_used IS DISTINCT FROM true
CASE WHEN mfa_used THEN 'y' ELSE 'n' END = 'n'
mfa_used AND user_identity_type = 'root-account'
mfa_used = 'true'
true
false
1 = 1 AND event_name IS NOT NULL
NULL
mfa_used AND NULL
is_global IS NOT TRUE AND is_global IS NOT NULL

[texts] conditions
event_name LIKE '100\%%' ESCAPE '\'
event_name LIKE '%!_%' ESCAPE '!'
event_name LIKE '%''%'
event_name LIKE 'run%'
event_name ILIKE 'run%'
event_name NOT ILIKE '%INSTANCES'
event_name LIKE {'%nst_nces'|''|'RunInstances'|NULL|'% %'}
event_name ~ '{Inst|^Run|^[A-Z][a-z]+$}'
event_name !~ 'Inst'
event_name ~* 'inst'
event_name !~* '^desc'
event_name ~ '(Run|Describe).*s$'
event_name ~ 'ö|Ü'
regexp_like(event_name, '^Run')
regexp_like(event_name, '^run', 'i')
  duckdb: regexp_like_i(event_name, '^run')
regexp_replace(event_name, '[a-z]', '') = 'RI'
regexp_replace(event_name, '[a-z]', '', 'g') = 'RI'
regexp_count(event_name, '[A-Z]') = 2
  duckdb: len(regexp_extract_all(event_name, '[A-Z]')) = 2
event_name SIMILAR TO '(Run|Stop)%'
  duckdb: regexp_full_match(event_name, '(Run|Stop).*')
contains(event_name, 'Inst')
strpos(event_name, 'Inst') > 0
strpos(event_name, 'Inst') = 4
position('Inst' IN event_name) = 4
ends_with(event_name, 's')
user_agent LIKE '%(%'
event_name LIKE user_identity_user_name
event_name LIKE concat(substr(event_name, 1, 3), '%')
user_identity_user_name = ' padded '
trim(user_identity_user_name) = 'padded'
user_identity_user_name > 'a'

[json] conditions
request_parameters->>'InstanceId' = 'i-1'
(request_parameters->>'InstanceId') = 'i-1'
request_parameters->>'InstanceId' IS NULL
request_parameters->>'InstanceId' IS NOT NULL
request_parameters->>'InstanceId' = ''
request_parameters->>'InstanceId' LIKE 'i-%'
request_parameters->>'InstanceId' IN ('i-1', 'i-2')
request_parameters->>'InstanceId' <> 'i-1'
request_parameters->>'InstanceId' = 'it''s'
request_parameters->>'Flag' = 'true'
request_parameters->>'None' IS NULL
request_parameters->>'Dotted.Key' = 'dk'
request_parameters->>'Ünï' = 'ü€'
request_parameters->>'Amount' = '5'
request_parameters->>'instanceid' IS NOT NULL
TRY_CAST(request_parameters->>'Amount' AS INT) > 4
  whole-texts: CASE WHEN regexp_full_match(parameter(request_parameters, 'Amount'), '-?[0-9]+') THEN
    parameter(request_parameters, 'Amount')::INT > 4 END
TRY_CAST(request_parameters->>'Amount' AS DOUBLE) < 2
(request_parameters->>'Amount')::varchar > '5'
length(request_parameters->>'InstanceId') = 3
user_identity_type = 'root-account' AND request_parameters->>'InstanceId' = 'i-1'
request_parameters->>'InstanceId' = 'i-1' AND event_time >= @D{2026-03-08}
request_parameters->>'InstanceId' = request_parameters->>'RegionId'
coalesce(request_parameters->>'InstanceId', request_parameters->>'RegionId') = 'cn-hangzhou'
request_parameters->>'Missing' = 'x'
NOT (request_parameters->>'InstanceId' = 'i-1')
request_parameters->'Nested'->'a'->>'b' = 'deep'
  duckdb: (TRY_CAST(request_parameters AS JSON)->'Nested'->'a'->>'b') = 'deep'
request_parameters->'Nested'->>'a' IS NOT NULL
  duckdb: (TRY_CAST(request_parameters AS JSON)->'Nested'->>'a') IS NOT NULL
request_parameters->'List'->>1 = 'two'
  duckdb: (TRY_CAST(request_parameters AS JSON)->'List'->>1) = 'two'
request_parameters->'List'->3->>'k' = 'v'
  duckdb: (TRY_CAST(request_parameters AS JSON)->'List'->3->>'k') = 'v'
json_get_str(request_parameters, 'InstanceId') = 'i-1'
  duckdb: parameter(request_parameters, 'InstanceId') = 'i-1'
json_get_int(request_parameters, 'Amount') = 5
  duckdb: CASE WHEN regexp_full_match(parameter(request_parameters, 'Amount'), '-?[0-9]+')
    THEN parameter(request_parameters, 'Amount')::BIGINT END = 5
json_contains(request_parameters, 'None')
  never-null: coalesce(json_exists(TRY_CAST(request_parameters AS JSON), '$.None'), false)
request_parameters ? 'Flag'
  never-null: coalesce(json_exists(TRY_CAST(request_parameters AS JSON), '$.Flag'), false)
json_param(request_parameters, 'InstanceId') = 'i-1'
  duckdb: parameter(request_parameters, 'InstanceId') = 'i-1'
response_elements->>'RequestId' IS NOT NULL
  duckdb: parameter(response_elements, 'RequestId') IS NOT NULL

[times side by side] questions
# An instant and a bare time in one column: the bare one becomes an instant.
SELECT event_id, coalesce(event_time, {DATE '2026-11-01'|TIMESTAMP '2026-11-01 00:30:00'|event_date}) AS t FROM events
  duckdb: SELECT event_id, event_time AS t FROM events
SELECT event_id, coalesce(event_time, '2026-11-01 00:30:00') AS t FROM events
SELECT event_id, CASE WHEN mfa_used THEN event_time ELSE @S{2026-11-01 00:30:00} END AS t FROM events
SELECT event_id, nullif(event_time, @T{2026-11-01 00:30:00}) AS t FROM events
SELECT event_id, CASE WHEN mfa_used THEN event_time ELSE {DATE|TIMESTAMP} '2026-11-01' END AS t FROM events
  first-instant: SELECT event_id, CASE WHEN mfa_used THEN event_time ELSE @Z{2026-11-01} END AS t FROM events
SELECT event_id, greatest(event_time, {DATE|TIMESTAMP} '2026-11-01') AS t FROM events
  first-instant: SELECT event_id, greatest(event_time, @Z{2026-11-01}) AS t FROM events
SELECT event_id, least(event_time, event_date) AS t FROM events
  first-instant: SELECT event_id, least(event_time, first_instant(event_date)) AS t FROM events
SELECT event_id, lag(event_time, 1, TIMESTAMP '2026-11-01 00:30:00') OVER (ORDER BY event_time, @KEY) AS t FROM events
  first-instant: SELECT event_id, lag(event_time, 1, @Z{2026-11-01 00:30:00}) OVER (ORDER BY event_time, @KEY) AS t
    FROM events
SELECT t FROM (VALUES (TIMESTAMPTZ '2026-11-01 05:30:00Z'), (TIMESTAMP '2026-11-01 00:30:00')) AS v(t)
  first-instant: SELECT t FROM (VALUES (TIMESTAMPTZ '2026-11-01 05:30:00Z'), (@Z{2026-11-01 00:30:00})) AS v(t)
SELECT event_time AS t FROM events UNION SELECT event_date FROM events
  first-instant: SELECT event_time AS t FROM events UNION SELECT first_instant(event_date) FROM events
SELECT event_date AS t FROM events UNION ALL SELECT event_time FROM events
  first-instant: SELECT first_instant(event_date) AS t FROM events UNION ALL SELECT event_time FROM events
SELECT event_time AS t FROM events EXCEPT SELECT event_time::timestamp FROM events WHERE mfa_used
  first-instant: SELECT event_time AS t FROM events EXCEPT SELECT first_instant(event_time::timestamp) FROM events
    WHERE mfa_used
SELECT event_time AS t FROM events INTERSECT SELECT date_trunc('day', event_time::timestamp) FROM events
  first-instant: SELECT event_time AS t FROM events INTERSECT SELECT first_instant(event_time::date) FROM events
SELECT event_id FROM events WHERE event_time IN (SELECT DATE '2026-11-01' UNION ALL SELECT DATE '2026-03-08')
  first-instant: SELECT event_id FROM events WHERE event_time IN (@Z{2026-11-01}, @Z{2026-03-08})
SELECT event_id FROM events WHERE event_time NOT IN (SELECT event_date FROM events)
  first-instant: SELECT event_id FROM events WHERE event_time NOT IN (SELECT first_instant(event_date) FROM events)
SELECT event_id FROM events WHERE event_time >= (SELECT DATE '2026-11-01')
  first-instant: SELECT event_id FROM events WHERE event_time >= @Z{2026-11-01}
SELECT event_id FROM events WHERE event_time > (SELECT max(event_date) FROM events WHERE mfa_used)
  first-instant: SELECT event_id FROM events
    WHERE event_time > (SELECT first_instant(max(event_date)) FROM events WHERE mfa_used)
SELECT event_id FROM events a WHERE EXISTS (SELECT 1 FROM events b WHERE b.event_date = a.event_time)
  first-instant: SELECT event_id FROM events a
    WHERE EXISTS (SELECT 1 FROM events b WHERE first_instant(b.event_date) = a.event_time)
SELECT event_id FROM events a WHERE a.event_time = ANY (SELECT b.event_date FROM events b)
  first-instant: SELECT event_id FROM events a
    WHERE a.event_time = ANY (SELECT first_instant(b.event_date) FROM events b)
SELECT event_time::date, event_time::timestamp FROM events
SELECT event_time, event_time::date FROM events
SELECT max(event_time), max(event_time::date), max(event_time::timestamp) FROM events
SELECT count(event_time), count(event_time::date), count(DISTINCT event_time::timestamp) FROM events
SELECT count(*) AS n FROM events GROUP BY event_time::date, event_time::timestamp
SELECT event_time::date AS d, event_time::timestamp AS t, count(*) AS n FROM events
    GROUP BY GROUPING SETS ((event_time::date), (event_time::timestamp), ())
SELECT event_time::date AS d, count(*) AS n FROM events GROUP BY event_time::date ORDER BY event_time::date
SELECT event_time::date AS d FROM events GROUP BY event_time::date HAVING max(event_time::timestamp) < TIMESTAMP
    '2026-11-01 12:00:00'
SELECT event_id, rank() OVER (PARTITION BY event_time::date ORDER BY event_time::timestamp) AS r FROM events
SELECT DISTINCT event_time::date AS a, date_part('hour', event_time) AS b FROM events ORDER BY event_time::date, b

[joins] questions
SELECT v.d, count(e.event_id) AS n FROM (VALUES (DATE '2026-11-01'), (DATE '2026-03-08'), (DATE '2030-01-01')) AS v(d)
    LEFT JOIN events e ON e.event_time::date = v.d GROUP BY v.d
SELECT v.d, count(e.source_id) AS n FROM (VALUES (DATE '2026-11-01'), (DATE '2026-03-08')) AS v(d) LEFT JOIN events e
    ON e.event_time >= v.d AND e.event_time < v.d + INTERVAL '1 day' GROUP BY v.d
  first-instant: SELECT v.d, count(e.source_id) AS n FROM (VALUES (DATE '2026-11-01'), (DATE '2026-03-08')) AS v(d)
    LEFT JOIN events e ON e.event_time::date = v.d GROUP BY v.d
SELECT v.t, e.event_id FROM (VALUES (TIMESTAMP '2026-11-01 00:30:00'), (TIMESTAMP '2026-03-08 00:30:00'), (TIMESTAMP
    '2026-07-01 00:00:00')) AS v(t) JOIN events e ON e.event_time = v.t
  first-instant: SELECT v.t, e.event_id FROM (VALUES (TIMESTAMP '2026-11-01 00:30:00'), (TIMESTAMP
    '2026-03-08 00:30:00'), (TIMESTAMP '2026-07-01 00:00:00')) AS v(t) JOIN events e ON e.event_time =
    first_instant(v.t)
SELECT a.event_id, b.d FROM events a JOIN (SELECT DISTINCT event_date AS d FROM events) b ON a.event_time = b.d
  first-instant: SELECT a.event_id, b.d FROM events a JOIN (SELECT DISTINCT event_date AS d FROM events) b ON
    a.event_time = first_instant(b.d)
SELECT v.t, e.event_id FROM (VALUES (TIMESTAMP '2026-11-01 00:30:00'), (TIMESTAMP '2026-03-08 01:30:00')) AS v(t) JOIN
    events e ON e.event_time::timestamp = v.t
SELECT v.t, e.event_id FROM (VALUES ('2026-11-01 00:30:00'), ('2026-11-01T04:30:00Z')) AS v(t) JOIN events e ON
    e.event_time = v.t::timestamptz
  first-instant: SELECT v.t, e.event_id FROM (VALUES ('2026-11-01 00:30:00', @Z{2026-11-01 00:30:00}),
    ('2026-11-01T04:30:00Z', TIMESTAMPTZ '2026-11-01 04:30:00Z')) AS v(t, i) JOIN events e ON e.event_time = v.i
SELECT a.event_id AS a, b.event_id AS b FROM events a JOIN events b ON a.event_time = b.event_time AND a.event_id <
    b.event_id
SELECT count(*) AS n FROM events a JOIN events b ON a.event_time::date = b.event_date AND a.event_name = b.event_name
SELECT count(*) AS n FROM events a JOIN events b ON a.account_id = b.recipient_account_id AND a.event_time <
    b.event_time WHERE a.user_identity_type = 'root-account'
SELECT a.event_name, count(*) AS n FROM events a LEFT JOIN events b ON a.event_name = b.event_name AND
    b.user_identity_type = 'root-account' GROUP BY 1
SELECT count(*) AS n, count(a.s) AS x, count(b.s) AS y FROM (SELECT DISTINCT service_name AS s FROM events WHERE
    user_identity_type = 'root-account') a FULL JOIN (SELECT DISTINCT service_name AS s FROM events WHERE event_time <
    DATE '2026-10-20') b ON a.s = b.s
SELECT b.s, a.n FROM (SELECT service_name AS s, count(*) AS n FROM events WHERE mfa_used GROUP BY 1) a RIGHT JOIN
    (SELECT DISTINCT service_name AS s FROM events) b ON a.s = b.s
SELECT count(*) AS n FROM events a JOIN events b ON a.error_code IS NOT DISTINCT FROM b.error_code WHERE a.mfa_used
    AND b.mfa_used
SELECT count(*) AS n FROM (SELECT DISTINCT acs_region AS r FROM events) a CROSS JOIN (SELECT DISTINCT outcome AS o
    FROM events) b
SELECT service_name, a.n, b.n AS m FROM (SELECT service_name, count(*) AS n FROM events GROUP BY 1) a JOIN (SELECT
    service_name, count(*) AS n FROM events WHERE user_identity_type = 'root-account' GROUP BY 1) b USING
    (service_name)
SELECT a.event_id, x.n FROM events a CROSS JOIN LATERAL (SELECT count(*) AS n FROM events b WHERE b.request_id =
    a.event_id) x WHERE a.user_identity_type = 'root-account'
SELECT date_trunc('day', a.event_time) AS d, count(*) AS n FROM events a JOIN (SELECT DISTINCT date_trunc('day',
    event_time) AS d FROM events WHERE user_identity_type = 'root-account') b ON date_trunc('day', a.event_time) = b.d
    GROUP BY 1
  first-instant: SELECT first_instant(a.event_time::date) AS d, count(*) AS n FROM events a WHERE a.event_time::date
    IN (SELECT event_time::date FROM events WHERE user_identity_type = 'root-account') GROUP BY 1

[windows] questions
SELECT event_id, row_number() OVER (ORDER BY event_time, @KEY) AS n FROM events
SELECT event_id, rank() OVER (PARTITION BY event_name ORDER BY event_time) AS n, dense_rank() OVER (PARTITION BY
    event_name ORDER BY event_time::date) AS m FROM events
SELECT event_id, lag(event_time) OVER (PARTITION BY account_id ORDER BY event_time, @KEY) AS p, lead(event_time, 2)
    OVER (PARTITION BY account_id ORDER BY event_time, @KEY) AS q FROM events
SELECT event_id, count(*) OVER (PARTITION BY event_time::date) AS n, sum(source_record) OVER (PARTITION BY account_id
    ORDER BY event_time, @KEY) AS s FROM events
SELECT event_id, ntile(7) OVER (ORDER BY event_time, @KEY) AS n, percent_rank() OVER (ORDER BY event_time) AS p,
    cume_dist() OVER (ORDER BY event_time) AS c FROM events
SELECT event_id, first_value(event_id) OVER w AS a, last_value(event_id) OVER w AS b, nth_value(event_id, 2) OVER w AS
    c FROM events WINDOW w AS (PARTITION BY service_name ORDER BY event_time, @KEY ROWS BETWEEN 1 PRECEDING AND 2
    FOLLOWING)
SELECT event_id, count(*) OVER (ORDER BY event_time RANGE BETWEEN INTERVAL '1 hour' PRECEDING AND CURRENT ROW) AS n
    FROM events
SELECT event_id, count(*) OVER (ORDER BY event_time::timestamp RANGE BETWEEN INTERVAL '1 day' PRECEDING AND INTERVAL
    '1 hour' FOLLOWING) AS n FROM events
SELECT event_id, count(*) OVER (PARTITION BY account_id ORDER BY event_time RANGE BETWEEN INTERVAL '30 minutes'
    PRECEDING AND INTERVAL '30 minutes' FOLLOWING) AS n FROM events
SELECT event_id, count(*) FILTER (WHERE mfa_used) OVER (PARTITION BY account_id) AS n FROM events
SELECT event_id, max(event_time) OVER (PARTITION BY user_identity_type) AS t, avg(source_record) OVER (PARTITION BY
    event_name) AS a FROM events
SELECT service_name, count(*) AS n, rank() OVER (ORDER BY count(*) DESC) AS r, sum(count(*)) OVER () AS s FROM events
    GROUP BY service_name
SELECT event_id FROM (SELECT event_id, row_number() OVER (PARTITION BY event_name ORDER BY event_time DESC, @KEY) AS n
    FROM events) WHERE n = 1
SELECT event_id FROM events QUALIFY row_number() OVER (PARTITION BY event_name ORDER BY event_time, @KEY) = 1
SELECT event_id, sum(source_record) OVER (ORDER BY event_date RANGE UNBOUNDED PRECEDING) AS s FROM events
SELECT event_id, count(*) OVER (ORDER BY event_date GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW) AS s FROM events
SELECT event_id, count(DISTINCT event_name) OVER (PARTITION BY account_id) AS n FROM events
SELECT event_id, min(event_name) OVER (ORDER BY event_time, @KEY ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS
    n FROM events
SELECT event_id, lag(event_name, 1, 'none') OVER (ORDER BY event_time, @KEY) AS n FROM events
SELECT event_id, lag(event_name) IGNORE NULLS OVER (ORDER BY event_time, @KEY) AS n FROM events
  duckdb: SELECT event_id, lag(event_name IGNORE NULLS) OVER (ORDER BY event_time, @KEY) AS n FROM events

[groups] questions
SELECT event_name, count(*) AS n FROM events GROUP BY event_name
SELECT account_id, user_identity_type, count(*) AS n, min(event_time) AS a, max(event_time) AS b FROM events GROUP BY
    account_id, user_identity_type
SELECT account_id, outcome, count(*) AS n FROM events GROUP BY ROLLUP (account_id, outcome)
SELECT account_id, outcome, count(*) AS n FROM events GROUP BY CUBE (account_id, outcome)
SELECT account_id, outcome, count(*) AS n FROM events GROUP BY GROUPING SETS ((account_id), (outcome), ())
SELECT account_id, outcome, mfa_used, grouping(account_id) AS g, grouping(account_id, outcome) AS h, count(*) AS n
    FROM events GROUP BY ROLLUP (account_id, outcome, mfa_used)
SELECT event_time::date AS d, mfa_used, count(*) AS n FROM events GROUP BY ROLLUP (event_time::date, mfa_used)
SELECT date_part('month', event_time) AS m, count(*) AS n FROM events GROUP BY CUBE (date_part('month', event_time))
SELECT event_name, count(*) AS n FROM events GROUP BY event_name HAVING count(*) > 20
SELECT event_name FROM events GROUP BY event_name HAVING max(event_time) >= @D{2026-11-01}
SELECT event_name, min(event_time) AS t FROM events GROUP BY event_name HAVING min(event_time)::date <= DATE
    '2026-03-08'
SELECT mfa_used, is_global, count(*) AS n FROM events GROUP BY ALL
SELECT mfa_used, count(*) AS n FROM events GROUP BY 1
SELECT count(*) AS n FROM events
SELECT count(*) AS n, count(error_code) AS m, count(mfa_used) AS o FROM events
SELECT DISTINCT account_id, outcome FROM events
SELECT DISTINCT ON (account_id) account_id, event_id FROM events ORDER BY account_id, event_time, @KEY
SELECT upper(event_name) AS e, length(event_name) AS l, count(*) AS n FROM events GROUP BY upper(event_name),
    length(event_name)
SELECT sum(source_record) AS a, avg(source_record) AS b, min(source_offset) AS c, max(source_offset) AS d,
    median(source_record) AS e, stddev(source_record) AS f, var_pop(source_record) AS g FROM events
SELECT corr(source_record, source_offset) AS a, covar_samp(source_record, source_offset) AS b, bool_and(mfa_used) AS
    c, bool_or(mfa_used) AS d, bit_xor(source_record) AS e, bit_and(source_offset) AS f FROM events
SELECT account_id, string_agg(event_id, ',' ORDER BY event_time, @KEY) AS s FROM events GROUP BY account_id
SELECT account_id, array_agg(event_name ORDER BY event_time, @KEY) AS s FROM events GROUP BY account_id
SELECT string_agg(DISTINCT outcome, ',' ORDER BY outcome) AS s FROM events
SELECT min(event_name) AS a, max(event_name) AS b, min(mfa_used) AS c FROM events
SELECT sum(source_record) FILTER (WHERE user_identity_type = 'root-account') AS a, avg(source_record) FILTER (WHERE
    false) AS b, max(event_time) FILTER (WHERE event_time < @D{2026-11-01}) AS c FROM events
SELECT account_id, count(*) FILTER (WHERE event_time >= @D{2026-11-01}) AS a, count(*) FILTER (WHERE event_time::date
    = DATE '2026-11-01') AS b, count(*) FILTER (WHERE mfa_used) AS c FROM events GROUP BY account_id
SELECT count(*) FILTER (WHERE event_time >= @D{2026-11-01}) AS a, count(*) AS b FROM events WHERE event_time <
    @D{2026-11-02}
SELECT sum(CASE WHEN event_time >= @D{2026-11-01} THEN 1 ELSE 0 END) AS a FROM events
SELECT count(*) AS n FROM events WHERE false GROUP BY event_name
SELECT count(*) AS n, sum(source_record) AS s, min(event_time) AS t FROM events WHERE false
SELECT sum(source_record::double) AS a, round(avg(source_record::decimal(20,2))::double, 4) AS b FROM events
SELECT event_name AS e, count(*) AS n FROM events WHERE user_identity_type = 'root-account' GROUP BY e HAVING count(*)
    FILTER (WHERE event_time >= @D{2026-11-01}) > 0

[count distinct] questions
SELECT count(DISTINCT event_name) AS n FROM events
SELECT count(DISTINCT event_name) AS a, count(DISTINCT account_id) AS b, count(*) AS c FROM events
SELECT count(DISTINCT mfa_used) AS n, count(DISTINCT event_time) AS m FROM events
SELECT count(DISTINCT event_name, acs_region) AS n FROM events
  duckdb: SELECT count(DISTINCT CASE WHEN event_name IS NOT NULL AND acs_region IS NOT NULL THEN (event_name,
    acs_region) END) AS n FROM events
SELECT count(DISTINCT event_name, error_code) AS n FROM events
  duckdb: SELECT count(DISTINCT CASE WHEN event_name IS NOT NULL AND error_code IS NOT NULL THEN (event_name,
    error_code) END) AS n FROM events
SELECT count(DISTINCT account_id, outcome, mfa_used) AS n FROM events
  duckdb: SELECT count(DISTINCT CASE WHEN account_id IS NOT NULL AND outcome IS NOT NULL AND mfa_used IS NOT NULL THEN
    (account_id, outcome, mfa_used) END) AS n FROM events
SELECT count(DISTINCT event_date, account_id, event_name, user_identity_type) AS n FROM events
  duckdb: SELECT count(DISTINCT CASE WHEN event_date IS NOT NULL AND account_id IS NOT NULL AND event_name IS NOT NULL
    AND user_identity_type IS NOT NULL THEN (event_date, account_id, event_name, user_identity_type) END) AS n FROM
    events
SELECT count(DISTINCT event_name, error_code) FILTER (WHERE user_identity_type = 'root-account') AS n FROM events
  duckdb: SELECT count(DISTINCT CASE WHEN event_name IS NOT NULL AND error_code IS NOT NULL THEN (event_name,
    error_code) END) FILTER (WHERE user_identity_type = 'root-account') AS n FROM events
SELECT account_id, count(DISTINCT event_name, mfa_used) AS n FROM events GROUP BY account_id
  duckdb: SELECT account_id, count(DISTINCT CASE WHEN event_name IS NOT NULL AND mfa_used IS NOT NULL THEN
    (event_name, mfa_used) END) AS n FROM events GROUP BY account_id
SELECT count(DISTINCT event_name, mfa_used) AS a, count(DISTINCT event_name) AS b, count(*) AS c FROM events
  duckdb: SELECT count(DISTINCT CASE WHEN event_name IS NOT NULL AND mfa_used IS NOT NULL THEN (event_name, mfa_used)
    END) AS a, count(DISTINCT event_name) AS b, count(*) AS c FROM events
SELECT count(DISTINCT event_name, mfa_used) FILTER (WHERE event_time >= @D{2026-11-01}) AS a, count(DISTINCT
    event_name) FILTER (WHERE mfa_used) AS b FROM events
  duckdb: SELECT count(DISTINCT CASE WHEN event_name IS NOT NULL AND mfa_used IS NOT NULL THEN (event_name, mfa_used)
    END) FILTER (WHERE event_time >= @D{2026-11-01}) AS a, count(DISTINCT event_name) FILTER (WHERE mfa_used) AS b
    FROM events
SELECT count(DISTINCT event_time::date, event_name) AS n FROM events
  duckdb: SELECT count(DISTINCT CASE WHEN event_time::date IS NOT NULL AND event_name IS NOT NULL THEN
    (event_time::date, event_name) END) AS n FROM events
SELECT count(event_name, error_code) AS n FROM events
  duckdb: SELECT count(CASE WHEN event_name IS NOT NULL AND error_code IS NOT NULL THEN (event_name, error_code) END)
    AS n FROM events
SELECT event_name, count(DISTINCT account_id, outcome) AS n FROM events GROUP BY ROLLUP (event_name)
  duckdb: SELECT event_name, count(DISTINCT CASE WHEN account_id IS NOT NULL AND outcome IS NOT NULL THEN (account_id,
    outcome) END) AS n FROM events GROUP BY ROLLUP (event_name)
SELECT event_name FROM events GROUP BY event_name HAVING count(DISTINCT account_id, outcome) > 1
  duckdb: SELECT event_name FROM events GROUP BY event_name HAVING count(DISTINCT CASE WHEN account_id IS NOT NULL AND
    outcome IS NOT NULL THEN (account_id, outcome) END) > 1
SELECT count(DISTINCT event_name) FILTER (WHERE user_identity_type = 'root-account') AS n FROM events
SELECT count(DISTINCT event_name) FILTER (WHERE event_time >= @D{2026-11-01}) AS a, count(DISTINCT event_name) FILTER
    (WHERE event_time < @D{2026-11-01}) AS b FROM events
SELECT account_id, count(DISTINCT event_name) FILTER (WHERE mfa_used IS NOT NULL) AS n, count(*) AS m FROM events
    GROUP BY account_id
SELECT account_id, count(DISTINCT event_time::date) AS d, count(DISTINCT error_code) AS e, sum(DISTINCT source_record)
    AS s, avg(DISTINCT source_record) AS a FROM events GROUP BY account_id
SELECT count(DISTINCT date_part('hour', event_time)) AS h, count(DISTINCT substr(event_name, 1, 1)) AS t FROM events
SELECT count(DISTINCT CASE WHEN mfa_used THEN event_id END) AS n FROM events
SELECT sum(DISTINCT source_record) FILTER (WHERE mfa_used) AS a, min(DISTINCT event_name) AS b FROM events
SELECT count(*) AS n FROM (SELECT DISTINCT event_name, error_code FROM events)
SELECT count(DISTINCT event_date) AS a, count(DISTINCT upper(event_name)) AS b FROM events WHERE user_identity_type =
    'root-account'

[subqueries] questions
SELECT event_id FROM events WHERE event_name IN (SELECT event_name FROM events WHERE user_identity_type =
    'root-account')
SELECT event_id FROM events WHERE event_name NOT IN (SELECT event_name FROM events WHERE user_identity_type =
    'root-account' AND event_name IS NOT NULL)
SELECT count(*) AS n FROM events WHERE event_name NOT IN (SELECT error_code FROM events)
SELECT count(*) AS n FROM events WHERE event_name NOT IN (SELECT event_name FROM events WHERE false)
SELECT event_id FROM events WHERE event_time::date IN (SELECT event_date FROM events WHERE mfa_used)
SELECT event_id FROM events WHERE event_time IN (SELECT event_date FROM events)
  first-instant: SELECT event_id FROM events WHERE event_time IN (SELECT first_instant(event_date) FROM events)
SELECT event_id FROM events WHERE event_time NOT IN (SELECT event_time::timestamp FROM events WHERE
    event_time::timestamp IS NOT NULL)
  first-instant: SELECT event_id FROM events WHERE event_time NOT IN (SELECT first_instant(event_time::timestamp) FROM
    events WHERE event_time IS NOT NULL)
SELECT event_id FROM events a WHERE EXISTS (SELECT 1 FROM events b WHERE b.user_identity_type = 'root-account' AND
    b.event_name = a.event_name AND b.event_time > a.event_time)
SELECT event_id FROM events a WHERE NOT EXISTS (SELECT 1 FROM events b WHERE b.user_identity_type = 'root-account' AND
    b.event_date = a.event_time::date)
SELECT event_id FROM events WHERE event_time = (SELECT max(event_time) FROM events)
SELECT event_id FROM events WHERE event_time > (SELECT max(event_time) - INTERVAL '1 hour' FROM events)
SELECT event_id, (SELECT count(*) FROM events b WHERE b.event_name = a.event_name) AS n FROM events a WHERE
    a.user_identity_type = 'root-account'
SELECT event_id FROM events a WHERE event_time = (SELECT min(event_time) FROM events b WHERE b.account_id =
    a.account_id)
SELECT event_id FROM events a WHERE source_record > (SELECT avg(source_record) FROM events b WHERE b.event_name =
    a.event_name)
SELECT event_id FROM events WHERE event_name = ANY (SELECT event_name FROM events WHERE mfa_used)
SELECT event_id FROM events WHERE source_record >= ALL (SELECT source_record FROM events WHERE mfa_used)
SELECT event_id FROM events a WHERE a.event_name = ANY (SELECT b.event_name FROM events b WHERE b.mfa_used)
SELECT event_id FROM events a WHERE a.source_record >= ALL (SELECT b.source_record FROM events b WHERE b.mfa_used)
SELECT event_id FROM events a WHERE a.event_name <> ALL (SELECT b.event_name FROM events b WHERE b.mfa_used AND
    b.event_name IS NOT NULL)
SELECT event_id FROM events a WHERE a.event_time > ANY (SELECT b.event_time FROM events b WHERE b.event_name =
    a.event_name)
SELECT event_id FROM events WHERE (event_name, account_id) IN (SELECT event_name, account_id FROM events WHERE
    mfa_used)
SELECT event_id FROM events WHERE (event_name, outcome) IN (('RunInstances', 'success'), ('ConsoleSignin', 'error'))
SELECT (SELECT max(event_time) FROM events) AS a, (SELECT min(event_time) FROM events WHERE false) AS b
WITH r AS (SELECT * FROM events WHERE user_identity_type = 'root-account') SELECT event_time::date AS d, count(*) AS n
    FROM r GROUP BY 1
WITH r AS (SELECT event_time AS t, event_id FROM events), s AS (SELECT event_id FROM r WHERE t >= @D{2026-11-01})
    SELECT count(*) AS n FROM s
WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 10) SELECT n FROM s
WITH RECURSIVE d(t) AS (SELECT TIMESTAMP '2026-10-30 00:00:00' UNION ALL SELECT t + INTERVAL '1 day' FROM d WHERE t <
    TIMESTAMP '2026-11-03 00:00:00') SELECT d.t, count(e.event_id) AS n FROM d LEFT JOIN events e ON
    e.event_time::date = d.t::date GROUP BY 1
SELECT x.d, sum(x.n) AS n FROM (SELECT event_time::date AS d, event_name, count(*) AS n FROM events GROUP BY 1, 2) x
    GROUP BY x.d HAVING sum(x.n) > 5
SELECT count(*) AS n FROM (SELECT * FROM events ORDER BY event_time, @KEY LIMIT 100) WHERE mfa_used
SELECT event_id FROM (SELECT event_id, event_time AS t FROM events) WHERE t BETWEEN @D{2026-11-01} AND @D{2026-11-02}

[set operations] questions
SELECT event_name FROM events WHERE user_identity_type = 'root-account' UNION SELECT event_name FROM events WHERE
    mfa_used
SELECT event_name FROM events WHERE user_identity_type = 'root-account' UNION ALL SELECT event_name FROM events WHERE
    mfa_used
SELECT event_name FROM events WHERE user_identity_type = 'root-account' INTERSECT SELECT event_name FROM events WHERE
    mfa_used IS NULL
SELECT event_name FROM events EXCEPT SELECT event_name FROM events WHERE user_identity_type = 'root-account'
SELECT event_name FROM events WHERE user_identity_type = 'ram-user' INTERSECT ALL SELECT event_name FROM events WHERE
    user_identity_type = 'root-account'
SELECT event_name FROM events WHERE user_identity_type = 'ram-user' EXCEPT ALL SELECT event_name FROM events WHERE
    user_identity_type = 'root-account'
SELECT event_time::date AS d FROM events UNION SELECT event_date FROM events
SELECT error_code AS e, mfa_used AS m FROM events INTERSECT SELECT error_code, mfa_used FROM events WHERE account_id =
    '111'
SELECT 1 AS a UNION ALL SELECT NULL UNION ALL SELECT 1
SELECT event_time AS t FROM events WHERE user_identity_type = 'root-account' UNION SELECT TIMESTAMP
    '2026-11-01 00:30:00'
  first-instant: SELECT event_time AS t FROM events WHERE user_identity_type = 'root-account' UNION SELECT
    first_instant(TIMESTAMP '2026-11-01 00:30:00')
SELECT event_time AS t FROM events WHERE user_identity_type = 'root-account' UNION ALL SELECT event_date FROM events
    WHERE mfa_used
  first-instant: SELECT event_time AS t FROM events WHERE user_identity_type = 'root-account' UNION ALL SELECT
    first_instant(event_date) FROM events WHERE mfa_used

[text functions] questions
SELECT event_id, lower(event_name) AS a, upper(event_name) AS b, length(event_name) AS c, octet_length(event_name) AS
    d, reverse(event_name) AS e FROM events
SELECT event_id, trim(user_identity_user_name) AS a, ltrim(user_identity_user_name) AS b,
    rtrim(user_identity_user_name) AS c, btrim(user_identity_user_name) AS d, char_length(user_identity_user_name) AS
    e FROM events
SELECT event_id, substr(event_name, 2) AS a, substr(event_name, 2, 3) AS b, substring(event_name FROM 3 FOR 2) AS c,
    left(event_name, 3) AS d, right(event_name, 3) AS e FROM events
SELECT event_id, left(event_name, -2) AS a, right(event_name, -2) AS b, substr(event_name, 100) AS c,
    substr(event_name, 1, 0) AS d FROM events
SELECT event_id, substr(event_name, 0, 3) AS a, substr(event_name, -2, 4) AS b FROM events
  duckdb: SELECT event_id, substr(event_name, 1, 2) AS a, substr(event_name, 1, 1) AS b FROM events
SELECT event_id, lpad(event_name, 20, '.') AS a, rpad(event_name, 5, '*') AS b, repeat(outcome, 2) AS c,
    replace(event_name, 'e', 'E') AS d FROM events
SELECT event_id, position('n' IN event_name) AS a, strpos(event_name, 'n') AS b, split_part(event_id, '-', 2) AS c,
    starts_with(event_name, 'Run') AS d, contains(event_name, 'o') AS e, ends_with(event_name, 's') AS f FROM events
SELECT event_id, event_name || '/' || error_code AS a, concat(event_name, '/', error_code) AS b, concat_ws('/',
    event_name, error_code, outcome) AS c FROM events
SELECT event_id, split_part(event_id, '-', -1) AS a FROM events WHERE event_id LIKE 'O-%'
  duckdb: SELECT event_id, split_part(event_id, '-', 2) AS a FROM events WHERE event_id LIKE 'O-%'
SELECT event_id, translate(event_name, 'aeiou', '12345') AS a, ascii(event_name) AS b, chr(65) AS c FROM events WHERE
    event_name <> ''
SELECT event_id, regexp_replace(event_name, '([A-Z])', '_\1', 'g') AS a FROM events
SELECT event_id, regexp_match(event_name, '([A-Z][a-z]+)')[1] AS a FROM events
  duckdb: SELECT event_id, nullif(regexp_extract(event_name, '([A-Z][a-z]+)', 1), '') AS a FROM events
SELECT event_id, coalesce(error_code, 'none') AS a, nullif(error_code, '') AS b, nvl(error_code, '-') AS c,
    nvl2(error_code, 'y', 'n') AS d, greatest(event_name, error_code) AS e, least(event_name, error_code) AS f FROM
    events
SELECT lower(to_hex(255)) AS a, chr(8364) AS b, repeat('x', 0) AS c, 'it''s' AS d
SELECT event_id, CASE event_name WHEN 'RunInstances' THEN 1 WHEN '' THEN 2 ELSE 3 END AS a, CASE WHEN error_code = ''
    THEN 'empty' WHEN error_code IS NULL THEN 'null' END AS b FROM events
SELECT event_id, overlay(event_name PLACING 'XX' FROM 2 FOR 3) AS a FROM events WHERE length(event_name) > 5
  duckdb: SELECT event_id, substr(event_name, 1, 1) || 'XX' || substr(event_name, 5) AS a FROM events WHERE
    length(event_name) > 5
SELECT event_id, levenshtein(event_name, 'RunInstances') AS a FROM events WHERE event_name ~ '^[A-Za-z]*$'

[json] questions
SELECT event_id, request_parameters->>'InstanceId' AS a FROM events
SELECT event_id, request_parameters->>'Flag' AS a, request_parameters->>'None' AS b, request_parameters->>'Dotted.Key'
    AS c, request_parameters->>'Esc' AS d FROM events
SELECT request_parameters->>'RegionId' AS r, count(*) AS n FROM events GROUP BY 1
SELECT event_id, request_parameters->>'Amount' AS a FROM events
  duckdb: SELECT event_id, request_parameters->>'Amount' AS a FROM events
  json-as-written: SELECT event_id, CASE WHEN request_parameters LIKE '%"Amount":1.50%' THEN '1.50' ELSE
    request_parameters->>'Amount' END AS a FROM events
SELECT event_id, request_parameters->>'List' AS a, request_parameters->>'Nested' AS b FROM events WHERE event_id LIKE
    'O-%'
  json-as-written: SELECT event_id, parameter(request_parameters, 'List') AS a, parameter(request_parameters,
    'Nested') AS b FROM events WHERE event_id LIKE 'O-%'
SELECT event_id, request_parameters->'Nested'->'a'->>'b' AS a, request_parameters->'List'->>1 AS b,
    request_parameters->'List'->>9 AS c FROM events
  duckdb: SELECT event_id, TRY_CAST(request_parameters AS JSON)->'Nested'->'a'->>'b' AS a, TRY_CAST(request_parameters
    AS JSON)->'List'->>1 AS b, TRY_CAST(request_parameters AS JSON)->'List'->>9 AS c FROM events
SELECT event_id, json_length(request_parameters, 'List') AS a FROM events
  duckdb: SELECT event_id, json_array_length(TRY_CAST(request_parameters AS JSON), '$.List') AS a FROM events
SELECT count(*) FILTER (WHERE request_parameters->>'InstanceId' = 'i-1') AS a, count(DISTINCT
    request_parameters->>'InstanceId') AS b, max(request_parameters->>'RegionId') AS c FROM events
SELECT sum(TRY_CAST(request_parameters->>'Amount' AS DOUBLE)) AS s FROM events

[orders] questions ordered
SELECT event_id, event_time FROM events ORDER BY event_time, @KEY
SELECT event_id FROM events ORDER BY event_time DESC, @KEY LIMIT 20 OFFSET 5
SELECT event_id, error_code FROM events ORDER BY error_code NULLS FIRST, @KEY
SELECT event_id, error_code FROM events ORDER BY error_code DESC NULLS LAST, @KEY
SELECT event_id, mfa_used FROM events ORDER BY mfa_used ASC NULLS FIRST, event_time DESC, @KEY LIMIT 50
SELECT event_id, error_code FROM events ORDER BY error_code, @KEY LIMIT 30
SELECT event_id, error_code FROM events ORDER BY error_code DESC, source_offset, event_id LIMIT 30
  nulls-order: SELECT event_id, error_code FROM events ORDER BY error_code DESC NULLS FIRST, source_offset, event_id
    LIMIT 30
SELECT event_name, count(*) AS n FROM events GROUP BY event_name ORDER BY event_name DESC
  nulls-order: SELECT event_name, count(*) AS n FROM events GROUP BY event_name ORDER BY event_name DESC NULLS FIRST
SELECT event_name, count(*) AS n FROM events GROUP BY 1 ORDER BY n DESC, event_name NULLS LAST LIMIT 7
SELECT event_id FROM events ORDER BY event_time::date DESC, event_name NULLS LAST, @KEY LIMIT 40 OFFSET 10
SELECT event_id, event_time FROM events WHERE user_identity_type = 'root-account' ORDER BY event_time DESC, @KEY LIMIT
    10
SELECT event_id FROM events ORDER BY length(event_name) NULLS FIRST, lower(event_name), @KEY LIMIT 25
SELECT event_id FROM events ORDER BY event_time, @KEY OFFSET 1500
SELECT event_id FROM events ORDER BY event_time, @KEY LIMIT 0
SELECT event_id FROM events WHERE event_time >= @D{2026-11-01} ORDER BY event_time, @KEY LIMIT 5
SELECT event_time::timestamp AS t, event_id FROM events ORDER BY t, @KEY LIMIT 700
SELECT event_id, event_time::time AS t FROM events ORDER BY t, @KEY LIMIT 100
SELECT event_id FROM events WHERE event_time < @T{2026-11-01 00:30:00} ORDER BY event_time DESC, @KEY LIMIT 5
SELECT event_id FROM events WHERE event_time::date <= DATE '2026-11-01' ORDER BY event_time DESC, @KEY LIMIT 15
SELECT event_id FROM events ORDER BY CASE WHEN mfa_used THEN 0 ELSE 1 END, event_time, @KEY LIMIT 12

[numbers] questions
SELECT 7 / 2 AS a, -7 / 2 AS b, 7 % 3 AS c, -7 % 3 AS d, 7 / 2.0 AS e, 7.0 / 2 AS f
  whole-division: SELECT 3 AS a, -3 AS b, 1 AS c, -1 AS d, 3.5 AS e, 3.5 AS f
SELECT 3.7::int AS a, -3.7::int AS b, 2.5::bigint AS c, '12'::int AS d
  cast-truncates: SELECT 3 AS a, -3 AS b, 2 AS c, 12 AS d
SELECT '3.25'::double AS a, '-5'::int AS c, '1e3'::double AS d, '9223372036854775807'::bigint AS e
SELECT TRY_CAST('x' AS INT) AS a, TRY_CAST('' AS INT) AS b, TRY_CAST('3000000000' AS INT) AS c, TRY_CAST('12' AS
    SMALLINT) AS d, TRY_CAST(300 AS TINYINT) AS e
SELECT 12::varchar AS a, 1.5::varchar AS b, true::varchar AS c, 1::boolean AS d, 'true'::boolean AS e, 'f'::boolean AS
    f, true::int AS g
SELECT event_id, source_record / 7 AS a, source_record % 7 AS b FROM events
  whole-division: SELECT event_id, source_record // 7 AS a, source_record % 7 AS b FROM events
SELECT event_id, source_record::double / 7 AS a, source_offset * 1.5 AS b, source_record - source_offset AS c,
    -source_record AS d FROM events
SELECT round(2.5::double) AS a, round(-2.5::double) AS b, floor(-1.5::double) AS d, ceil(1.2::double) AS e, abs(-3) AS
    f, signum(-2::double) AS g, trunc(-1.7::double) AS h
SELECT power(2, 10) AS a, sqrt(2::double) AS b, exp(1::double) AS c, ln(10::double) AS d, log10(1000::double) AS e,
    log2(8::double) AS f, pi() AS g, degrees(1::double) AS h, cbrt(27::double) AS i
SELECT gcd(12, 18) AS a, lcm(4, 6) AS b, factorial(10) AS c, greatest(1, NULL, 3) AS d, least(2, NULL, 1) AS e,
    nullif(1, 1) AS f, coalesce(NULL, NULL, 5) AS g
SELECT 5 & 3 AS a, 5 | 3 AS b, 1 << 4 AS d, 256 >> 2 AS e, 0.1::double + 0.2::double AS f, 1e308::double * 10 > 0 AS g
SELECT 5 ^ 3 AS a
  duckdb: SELECT xor(5, 3) AS a
SELECT 9007199254740993 AS a, 9223372036854775807 AS b, 12345678901234567890::decimal(20, 0) AS c, 1.10::decimal(5, 2)
    AS d, 1.006::decimal(10, 2) AS e
SELECT event_id, source_record::decimal(20, 2) / 3 > 1 AS a, (source_record * 100)::decimal(20, 2) AS b,
    source_record::float AS c FROM events
SELECT source_record % 5 AS m, sum(source_offset) AS s, avg(source_offset) AS a FROM events GROUP BY 1
SELECT NULL + 1 AS a, NULL = NULL AS b, NULL IS NOT DISTINCT FROM NULL AS c, NOT NULL::boolean AS d, true AND
    NULL::boolean AS e, false AND NULL::boolean AS f
SELECT 1 IN (1, NULL) AS a, 2 IN (1, NULL) AS b, 2 NOT IN (1, NULL) AS c, 1 BETWEEN NULL AND 2 AS d, 3 BETWEEN NULL
    AND 2 AS e

[root alone] questions
SELECT event_id, event_time, event_name FROM events WHERE user_identity_type = 'root-account'
SELECT count(*) AS n, min(event_time) AS a, max(event_time) AS b FROM events WHERE user_identity_type = 'root-account'
SELECT event_id, request_parameters, response_elements FROM events WHERE user_identity_type = 'root-account'
SELECT event_id, request_parameter_json FROM events WHERE user_identity_type = 'root-account'
SELECT event_id, source_id, source_record, source_offset, event_date FROM events WHERE user_identity_type =
    'root-account'
SELECT event_time::date AS d, count(*) AS n FROM events WHERE user_identity_type = 'root-account' GROUP BY 1
SELECT event_id FROM events WHERE user_identity_type = 'root-account' AND event_time::time < TIME '06:00:00'
SELECT event_id FROM events WHERE user_identity_type IN ('root-account') AND event_time BETWEEN @D{2026-11-01} AND
    @D{2026-11-05}
SELECT event_id FROM events WHERE user_identity_type LIKE 'root-account' AND event_name <> 'ConsoleSignin'
SELECT count(*) AS n FROM events WHERE user_identity_type = 'root-account' AND event_date = DATE '2026-11-01'
SELECT count(*) AS n, count(DISTINCT event_name) AS m FROM events WHERE NOT (user_identity_type <> 'root-account')
SELECT count(*) AS n FROM events WHERE user_identity_type = 'root-account' OR (user_identity_type = 'root-account' AND
    mfa_used)
SELECT count(*) AS n FROM events WHERE user_identity_type = lower('ROOT-account')
SELECT count(*) AS n FROM events WHERE CASE WHEN user_identity_type = 'root-account' THEN true ELSE false END
SELECT count(*) AS n FROM events e WHERE e.user_identity_type = 'root-account' AND e.event_name IN (SELECT event_name
    FROM events WHERE user_identity_type <> 'root-account')
SELECT service_name, count(*) AS n FROM events WHERE user_identity_type = 'root-account' AND event_time >=
    @D{2026-11-01} AND event_time < @D{2026-11-09} GROUP BY service_name
SELECT account_id, outcome, count(*) AS n FROM events WHERE user_identity_type = 'root-account' AND account_id <>
    '111' GROUP BY 1, 2

[tables] questions
SELECT event_id, event_type, event_category, event_rw, event_version, event_source, service_name, acs_region,
    api_version, request_id, source_ip_address, user_agent FROM events
SELECT event_id, user_identity_type, user_identity_principal_id, user_identity_account_id,
    user_identity_access_key_id, user_identity_user_name FROM events
SELECT event_id, error_code, error_message, resource_type, resource_name, is_global, recipient_account_id, recipient,
    vpc_id FROM events
SELECT event_id, request_parameters, request_parameter_json, response_elements, referenced_resources,
    additional_event_data, event_attributes, extra FROM events
SELECT event_id, account_id, outcome, mfa_used, source_kind, __time__, __topic__, __source__, __tags__, source_id,
    source_member, source_record, source_offset, content_identity, event_date FROM events
SELECT * FROM events WHERE event_id = 'O-00010'
SELECT e.* FROM events e WHERE e.user_identity_type = 'root-account'

[far times] conditions far
event_time < DATE '1970-01-01'
event_time >= @D{2262-04-12}
event_time::date = DATE '1969-12-31'
event_time::date > DATE '2262-04-11'
event_time::timestamp > TIMESTAMP '2262-04-12 00:00:00'
event_time::timestamp < TIMESTAMP '1970-01-01 00:00:00'
event_time < @T{1950-01-01 12:00:00}
date_part('year', event_time) = 1969
date_part('year', event_time) >= 2262
date_part('second', event_time) = 59
event_time + INTERVAL '1 day' > @T{2262-04-12 00:00:00}
event_time < to_timestamp(-1)
event_time > to_timestamp(10000000000)
to_char(event_time, '%Y') = '2300'
event_time > @S{2300-01-01}
event_time::time > TIME '12:00:00'
event_time = @T{2300-01-01 00:00:00}
date_part('epoch', event_time) < 0
to_unixtime(event_time) = -1
date_trunc('month', event_time::timestamp) = TIMESTAMP '1969-12-01 00:00:00'

[far times] questions far
SELECT event_id, event_time FROM events
SELECT event_id, event_time::date AS d, event_time::timestamp AS t FROM events
SELECT event_id, date_part('epoch', event_time) AS n, date_part('dow', event_time) AS d, date_part('doy', event_time)
    AS o, date_part('week', event_time) AS w FROM events
SELECT event_id, date_trunc('hour', event_time::timestamp) AS t FROM events
SELECT event_id, date_trunc('{day|week|month|year}', event_time) AS t FROM events
  first-instant: SELECT event_id, first_instant(date_trunc('{1}', clock(event_time))) AS t FROM events
SELECT event_id, event_time + INTERVAL '1 month' AS t FROM events WHERE event_id <> 'F-7'
  first-instant: SELECT event_id, first_instant(clock(event_time) + INTERVAL '1 month') AS t FROM events WHERE
    event_id <> 'F-7'
SELECT event_id, to_unixtime(event_time) AS t FROM events
SELECT event_id, event_time::time AS t FROM events
SELECT event_id, event_time::timestamp + INTERVAL '1 day' AS t FROM events WHERE event_id <> 'F-7'
SELECT event_id, to_char(event_time, '%Y-%m-%d %H:%M:%S') AS t FROM events
SELECT min(event_time) AS a, max(event_time) AS b, count(DISTINCT event_time::date) AS c FROM events
SELECT event_id, event_date, event_date + INTERVAL '1 day' AS b FROM events WHERE event_id <> 'F-7'
  date-stays: SELECT event_id, event_date, event_date + 1 AS b FROM events WHERE event_id <> 'F-7'
SELECT event_id, date_bin(INTERVAL '1 day', event_time) AS t FROM events
  duckdb: SELECT event_id, time_bucket(INTERVAL '1 day', event_time) AS t FROM events
  local-bins: SELECT event_id, local_bin(event_time, 86400000000, TIMESTAMP '1970-01-01 00:00:00') AS t FROM events
SELECT TIMESTAMP '2300-01-01 00:00:00' AS a, DATE '9999-12-31' AS b, '1600-01-01'::timestamp AS c
SELECT DATE '2300-01-01' + INTERVAL '1 day' AS a, TIMESTAMP '2300-01-01 00:00:00' - INTERVAL '1 month' AS b
  date-stays: SELECT DATE '2300-01-02' AS a, TIMESTAMP '2299-12-01 00:00:00' AS b
"""

# ---------------------------------------------------------------------------------------------------------------------
# Events of its own.

NAMES_OF_EVENTS = ["RunInstances", "DescribeRegions", "ConsoleSignin", "runinstances", "StopInstance", None, "",
                   "Ünï€ode", "100%_done", "it's", "Run Instances", "back\\slash", "Gröna",
                   f"Zul{'u' * 80}0", f"Zul{'u' * 80}1"]
TYPES = ["root-account", "ram-user", "root-account", "assumed-role", "system", None, "", "Root-Account",
         "root-accounts", "saml-user"]
ACCOUNTS = ["111", "2222222222222222", "0111", None, "1000000000000001"]
ERRORS = [None, "", "NoPermission", "Forbidden.RAM", "RunInstances"]
USERS = ["root", None, " padded ", "R%s", "", "zoë"]
# As JSON text, since some cannot be said in Python: the forms of numbers, escapes, and a text that holds JSON.
PARAMETERS = [
    '{"InstanceId":"i-1","Amount":5}', '{"InstanceId":"i-2","Amount":"7"}', '{"Amount":1.50,"RegionId":"cn-hangzhou"}',
    '{"Nested":{"a":{"b":"deep"}},"List":[1,"two",null,{"k":"v"}]}', '{"Flag":true,"None":null}',
    '{"Dotted.Key":"dk","Ünï":"ü€","Esc":"line\\nfeed\\t\\u00e9"}', "{}", "[]", '"no JSON"',
    '"{\\"InstanceId\\":\\"i-text\\"}"', "null", None, '{"InstanceId":""}', '{"InstanceId":"it\'s"}',
    '{"Big":12345678901234567890,"Amount":-3}', '{"Amount":"abc"}',
    '{"InstanceId":"i-1","RegionId":"i-1","Flag":"true"}', '{"Flag":false,"Nested":{"a":"flat"},"List":[]}',
]


def transitions(zone, year):
    """The instants of a year at which the clocks of a zone are changed."""
    zone = zoneinfo.ZoneInfo(zone)
    hour = datetime.datetime(year, 1, 1, tzinfo=UTC)
    found = []
    while hour.year == year:
        following = hour + datetime.timedelta(minutes=30)
        if hour.astimezone(zone).utcoffset() != following.astimezone(zone).utcoffset():
            found.append(following)
        hour = following
    return found


def times():
    """Instants at which something can go wrong in one of the zones."""
    found = set()
    changed = [("America/Havana", 2026), ("Europe/Berlin", 2026), ("America/St_Johns", 2026),
               ("America/Sao_Paulo", 2018), ("Pacific/Apia", 2021)]
    changes = [change for zone, year in changed for change in transitions(zone, year)]
    # Samoa had no 30 December 2011.
    changes += [change for change in transitions("Pacific/Apia", 2011) if change.month == 12]
    for change in changes:
        found |= {change + datetime.timedelta(minutes=minutes) for minutes in range(-90, 91, 15)}
        found |= {change + datetime.timedelta(milliseconds=milliseconds) for milliseconds in (-1, 1)}
    for change in transitions("America/Havana", 2026):
        # A day before and behind, which a day or a month leads into the change. Few days, since each is a file to open.
        found |= {change + datetime.timedelta(hours=hours, minutes=30) for hours in (-24, -12, 12, 24)}
    for zone in [*ZONES, *MORE_ZONES]:
        for day in ["2024-02-29", "2024-03-01", "2025-12-31", "2026-01-01", "2026-02-28", "2026-03-01", "2026-07-01",
                    "2026-11-01", "2026-11-02"]:
            midnight = datetime.datetime.fromisoformat(day).replace(tzinfo=zoneinfo.ZoneInfo(zone)).astimezone(UTC)
            found |= {midnight + datetime.timedelta(milliseconds=milliseconds) for milliseconds in (-1, 0, 1)}
    for day in ["2026-01-31", "2026-10-31"]:
        found.add(datetime.datetime.fromisoformat(day + "T12:34:56.123456+00:00"))
    return sorted(found)


def event(number, id, at):
    """An event; what it holds follows from its number, and every combination of two members occurs."""
    took = lambda values, step=1: values[number // step % len(values)]
    type_of, account, name = took(TYPES), took(ACCOUNTS, 3), took(NAMES_OF_EVENTS)
    identity = {"type": type_of, "accountId": account, "userName": took(USERS), "principalId": "p",
                "accessKeyId": f"LTAI5tOracle{number % 4}" if number % 3 else None}
    body = {
        "eventId": id, "eventVersion": took([1, "1"]), "eventTime": at, "eventName": name,
        "eventType": "ConsoleSignin" if name == "ConsoleSignin" else "ApiCall",
        "eventRW": took(["Read", "Write", None]),
        "errorCode": took(ERRORS, 2), "serviceName": took(["Ecs", "ecs", "Ram", "Oss", None], 2),
        "acsRegion": took(["cn-hangzhou", "ap-northeast-1", None, ""], 2), "isGlobal": took([True, False, None]),
        "sourceIpAddress": took(["203.0.113.9", "2001:db8::1", "ecs.aliyuncs.com", "Internal", None]),
        "userAgent": took(["ua", "Mozilla/5.0 (X11)", "", None]),
        "requestId": "R-" + id.split("-")[1] if number % 5 else id,
        "recipientAccountId": took(["111", None, "2222222222222222"]),
        "userIdentity": {key: value for key, value in identity.items() if value is not None},
    }
    if number % 4 < 2:
        body["additionalEventData"] = {took(["isMFAChecked", "mfaChecked"]): took(["true", "false"], 4)}
    body = {key: value for key, value in body.items() if value is not None}
    text = json.dumps(body, ensure_ascii=False)
    parameters = took(PARAMETERS)
    return text if parameters is None else f'{text[:-1]}, "requestParameters": {parameters}}}'


# No offsets with seconds, which RFC 3339 cannot say, and no summers after 2099, of which chrono-tz knows none.
FAR = ["1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "1950-01-01T12:00:00Z",
       "2262-01-15T12:00:00.854Z", "2263-01-15T00:00:00Z", "2300-01-01T00:00:00Z", "9999-01-01T00:00:00Z"]


def write_events(folder):
    """Writes the events of its own, and says how many there are."""
    folder.mkdir(parents=True)
    lines = []
    for number, at in enumerate(times()):
        # Some times say an offset, and some name no fraction of the second.
        zone = UTC if number % 7 else datetime.timezone(datetime.timedelta(hours=8))
        text = at.astimezone(zone).isoformat().replace("+00:00", "Z")
        lines.append(event(number, f"O-{number:05}", text))
    # Every second event comes in a second run, so that days have more than one file.
    (folder / "first.jsonl").write_text("\n".join(lines[::2]) + "\n")
    (folder / "second.jsonl").write_text("\n".join(lines[1::2]) + "\n")
    far = [event(number * 10, f"F-{number}", at) for number, at in enumerate(FAR)]
    (folder / "far.jsonl").write_text("\n".join(far) + "\n")
    return len(lines)


# ---------------------------------------------------------------------------------------------------------------------
# Asking.


class Refused(Exception):
    """trailql did not answer; the text is what it said."""


class Failed(Exception):
    """DuckDB did not answer; the text is what it said."""


class Oracle:
    """What the options say, and the engines."""

    work = trailql = None
    lakes, databases, local = {}, {}, threading.local()


def run_trailql(*arguments):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TRAILQL_")}
    try:
        done = subprocess.run([Oracle.trailql, *arguments], capture_output=True, env=environment, timeout=120,
                              stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        raise Refused("it does not end") from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip()
        # Warnings may stand above.
        raise Refused(said[max(said.find("error:"), 0):] or f"exit code {done.returncode}")
    return done.stdout.decode()


def ask_trailql(case, zone, sql):
    """The rows that trailql answers, as values without types."""
    answer = run_trailql("sql", "--lake", Oracle.lakes[case.lake], "--tz", zone, "--now", NOW, "--format", "jsonl",
                         "--quiet", "--show-secrets", written(sql, zone))
    # Pairs, since a dictionary would hide a second column of the same name.
    return [[value for _, value in json.loads(line, object_pairs_hook=list)] for line in answer.splitlines()]


def ask_duckdb(case, zone, sql):
    """The kinds of DuckDB's columns, and its rows: times are microseconds of a clock, instants those of UTC as well."""
    connections = Oracle.local.__dict__.setdefault("connections", {})
    if (case.lake, zone) not in connections:
        connections[case.lake, zone] = Oracle.databases[case.lake].cursor()
        connections[case.lake, zone].execute(f"SET TimeZone = '{zone}'")
    connection = connections[case.lake, zone]
    try:
        kinds = [row[1] for row in connection.execute(f"DESCRIBE {sql}").fetchall()]
        names = [f"c{number}" for number in range(len(kinds))]
        columns = ", ".join(readable(name, kind) for name, kind in zip(names, kinds))
        return kinds, connection.execute(f"SELECT {columns} FROM ({sql}) AS answer({', '.join(names)})").fetchall()
    except Exception as error:
        raise Failed(str(error).split("\n")[0]) from None


def readable(name, kind):
    if kind == "TIMESTAMP WITH TIME ZONE":
        # The instant, and the clock that is shown.
        return f"CASE WHEN {name} IS NOT NULL THEN [epoch_us({name}), epoch_us(CAST({name} AS TIMESTAMP))] END"
    if kind.startswith("TIMESTAMP"):
        return f"epoch_us({name})"
    return f"CAST({name} AS VARCHAR)" if kind in ("DATE", "TIME", "JSON") else name


# ---------------------------------------------------------------------------------------------------------------------
# Comparing.

STAMP = re.compile(r"([+-]?\d{4,})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?")
LENGTH = re.compile(r"(-?[\d.]+) (year|mon|day|hour|min|sec)s?")
MICROS = {"year": 360 * 86400e6, "mon": 30 * 86400e6, "day": 86400e6, "hour": 3600e6, "min": 60e6, "sec": 1e6}


class Odd:
    """A value of trailql that is not of the kind that DuckDB has; equal to nothing."""

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text

    def __eq__(self, other):
        return isinstance(other, Odd) and self.text == other.text


def stamp_of(value):
    """The clock and the offset of a time that trailql wrote, in microseconds; nothing where it is no time."""
    match = STAMP.fullmatch(value) if isinstance(value, str) else None
    if not match:
        return None
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    fraction, offset = match.group(7) or "", match.group(8)
    if fraction[6:].strip("0"):
        return None
    # Python's years end with 9999, and an offset can lead beyond.
    years = (year - 2000) // 400
    date = datetime.datetime(year - years * 400, month, day, hour, minute, second)
    seconds = (date - EPOCH) // datetime.timedelta(seconds=1) + years * 146097 * 86400
    clock = seconds * 1_000_000 + int(fraction[:6].ljust(6, "0"))
    if offset and offset != "Z":
        minutes = int(offset[1:3]) * 60 + int(offset[4:6])
        return clock, (-minutes if offset[0] == "-" else minutes) * 60_000_000
    return clock, 0 if offset else None


def value_of(value, kind, case):
    """A value of trailql in the form that DuckDB's has, or something odd."""
    if value is None:
        return None
    if kind.endswith("[]"):
        return [value_of(item, kind[:-2], case) for item in value] if isinstance(value, list) else Odd(repr(value))
    if kind.startswith("TIMESTAMP"):
        stamp = stamp_of(value)
        if stamp is None:
            return Odd(f"no time: {value!r}")
        clock, offset = stamp
        if case.clock:
            return clock
        if kind != "TIMESTAMP WITH TIME ZONE":
            return clock if offset is None else Odd(f"instant: {value}")
        if offset is None:
            return Odd(f"no offset: {value}")
        return [clock - offset, clock]
    if kind == "TIME":
        return value.rstrip("0").rstrip(".") if isinstance(value, str) and "." in value else value
    if kind == "INTERVAL":
        return length_of(value)
    if kind in ("VARCHAR", "DATE", "JSON", "UUID"):
        return value if isinstance(value, str) else Odd(f"no text: {value!r}")
    if kind == "BOOLEAN":
        return value if isinstance(value, bool) else Odd(f"no boolean: {value!r}")
    if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value) and kind.startswith(("DECIMAL", "HUGEINT")):
        return decimal.Decimal(value)
    return value if is_number(value) else Odd(f"no number: {value!r}")


def is_number(value):
    return isinstance(value, (int, float, decimal.Decimal)) and not isinstance(value, bool)


def length_of(value):
    """A length of time in microseconds, months as thirty days, which is how Python shows DuckDB's."""
    text = str(value)
    if match := re.fullmatch(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(-?[\d.]+)S)?)?", text):
        days, hours, minutes, seconds = (decimal.Decimal(part or 0) for part in match.groups()[1:])
        micros = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000_000
        return int(-micros if match.group(1) else micros)
    parts = LENGTH.findall(text)
    return round(sum(float(number) * MICROS[unit] for number, unit in parts)) if parts else Odd(f"no length: {value!r}")


def theirs_of(value, kind):
    """A value of DuckDB in one form."""
    if isinstance(value, datetime.timedelta):
        return value // datetime.timedelta(microseconds=1)
    if kind == "TIME" and value is not None and "." in value:
        return value.rstrip("0").rstrip(".")
    if isinstance(value, (list, tuple)):
        return [theirs_of(item, kind[:-2]) for item in value]
    return value


def same(ours, theirs):
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if is_number(ours) and is_number(theirs) and (isinstance(ours, float) or isinstance(theirs, float)):
        return math.isclose(float(ours), float(theirs), rel_tol=1e-9, abs_tol=1e-12)
    return ours == theirs and isinstance(ours, bool) == isinstance(theirs, bool)


def order_of(row):
    """A key by which rows of both sides come to stand in the same order; close numbers stand together."""

    def key(value):
        if is_number(value):
            return 1, f"{float(value):.8e}", value
        return (0, "", 0) if value is None else (2, str(value), 0)

    return [key(value) for value in row]


def differences(ours, answer, case):
    """Nothing where the rows are the same, else how they differ: at most some rows of each side."""
    kinds, theirs = answer
    if ours and len(ours[0]) != len(kinds):
        return {"columns": [len(ours[0]), len(kinds)]}
    ours = [[value_of(value, kind, case) for value, kind in zip(row, kinds)] for row in ours]
    theirs = [[theirs_of(value, kind) for value, kind in zip(row, kinds)] for row in theirs]
    if case.ordered:
        for place, (one, other) in enumerate(zip(ours, theirs)):
            if not all(map(same, one, other)):
                return {"rows": [len(ours), len(theirs)], "at row": place, "trailql": shown([one], kinds),
                        "DuckDB": shown([other], kinds)}
        return None if len(ours) == len(theirs) else {"rows": [len(ours), len(theirs)]}
    ours.sort(key=order_of), theirs.sort(key=order_of)
    if len(ours) == len(theirs) and all(all(map(same, one, other)) for one, other in zip(ours, theirs)):
        return None
    one, other = collections.Counter(map(repr, ours)), collections.Counter(map(repr, theirs))
    left = {repr(row): row for row in ours + theirs}
    only_ours, only_theirs = ([left[text] for text in (a - b).elements()] for a, b in ((one, other), (other, one)))
    return {"rows": [len(ours), len(theirs)], "only here": [len(only_ours), len(only_theirs)],
            "trailql": shown(only_ours[:4], kinds), "DuckDB": shown(only_theirs[:4], kinds)}


def shown(rows, kinds):
    """Rows as one reads them: times as times."""

    def text(value, kind):
        if kind.startswith("TIMESTAMP") and isinstance(value, list):
            return f"{text(value[1], 'TIMESTAMP')} ({text(value[0], 'TIMESTAMP')}Z)"
        if kind.startswith("TIMESTAMP") and isinstance(value, int):
            try:
                return (EPOCH + datetime.timedelta(microseconds=value)).isoformat()
            except OverflowError:
                return f"{value} µs"
        return value if isinstance(value, (str, bool, int, float, type(None))) else str(value)

    return [[text(value, kind) for value, kind in zip(row, kinds)] for row in rows]


# ---------------------------------------------------------------------------------------------------------------------
# One case in one zone.

ROOT = "user_identity_type = 'root-account'"
# What hardly depends on the zone is asked in the first one only, since every statement costs a tenth of a second.
TIMELESS = {"columns that prune", "two bounds", "simplified", "booleans", "texts", "json", "text functions", "numbers",
            "tables"}
RANKS = ["equal", "explained", "DIFFERENT", "REFUSED", "FAILED"]


def counts(condition, thorough):
    """The statements that count what a condition says, by their names; each gives one number."""
    found = {
        "WHERE": f"SELECT count(*) AS n FROM events WHERE {condition}",
        "FILTER": f"SELECT count(*) FILTER (WHERE {condition}) AS n FROM events",
    }
    if thorough:
        found["NOT"] = f"SELECT count(*) AS n FROM events WHERE NOT ({condition})"
        found["with root"] = f"SELECT count(*) AS n FROM events WHERE {ROOT} AND ({condition})"
    return found


def judge(case, zone, thorough):
    """Asks both engines, and says how their answers stand to each other."""
    result = {"group": case.group, "condition": case.condition, "ours": case.ours, "sql": written(case.ours, zone),
              "zone": zone, "reason": case.reason, "duckdb": written(case.duck, zone), "status": "equal", "forms": {}}
    if case.documented:
        result["documented"] = written(case.documented, zone, instants=True)

    def of_duckdb(sql):
        try:
            return ask_condition_of_duckdb(case, zone, sql, thorough) if case.condition else ask_duckdb(case, zone, sql)
        except Failed as error:
            return error

    theirs = of_duckdb(result["duckdb"])
    expected = of_duckdb(result["documented"]) if case.documented else theirs
    if isinstance(expected, Failed):
        result["forms"][""] = {"status": "FAILED", "said": f"DuckDB: {expected}"}
    elif case.condition:
        judge_condition(case, zone, result, theirs, expected, thorough)
    else:
        result["forms"][""] = judge_form(case, zone, case.ours, theirs, expected)
    result["status"] = max((form["status"] for form in result["forms"].values()), key=RANKS.index)
    return result


def judge_condition(case, zone, result, theirs, expected, thorough):
    """The rows that match, and the counts in one statement; where that fails, one by one, to know which it is."""
    rows = f"SELECT event_id FROM events WHERE {case.ours}"
    result["forms"]["rows"] = judge_form(case, zone, rows, part(theirs, "rows"), part(expected, "rows"))
    singly = counts(case.ours, thorough)
    together = " UNION ALL ".join(sql.replace("SELECT", f"SELECT '{form}' AS form,", 1) for form, sql in singly.items())
    found = judge_form(case, zone, together, part(theirs, "counts"), part(expected, "counts"))
    if found["status"] != "REFUSED":
        result["forms"]["counts"] = found
        return
    for form, sql in singly.items():
        result["forms"][form] = judge_form(case, zone, sql, part(theirs, form), part(expected, form))


def ask_condition_of_duckdb(case, zone, condition, thorough):
    """What each form of a condition gives: DuckDB says once of every row whether it holds, and the rest is counting."""
    _, rows = ask_duckdb(
        case, zone, f"SELECT event_id, coalesce({ROOT}, false) AS root, ({condition}) AS holds FROM events")
    found = {"WHERE": sum(holds is True for *_, holds in rows), "NOT": sum(holds is False for *_, holds in rows),
             "with root": sum(root and holds is True for _, root, holds in rows)}
    found["FILTER"] = found["WHERE"]
    return {"rows": (["VARCHAR"], [(id,) for id, _, holds in rows if holds is True]),
            "counts": (["VARCHAR", "BIGINT"], [(form, found[form]) for form in counts("", thorough)]),
            **{form: (["BIGINT"], [(number,)]) for form, number in found.items()}}


def part(answer, name):
    return answer if isinstance(answer, Failed) else answer[name]


def judge_form(case, zone, sql, theirs, expected):
    """Asks trailql, and compares: `theirs` is DuckDB's own answer, `expected` the documented one."""
    try:
        ours = ask_trailql(case, zone, sql)
    except Refused as error:
        said = " ".join(str(error).split())
        return {"status": "REFUSED", "said": said}
    as_duckdb = isinstance(theirs, tuple) and not differences(ours, theirs, case)
    if expected is theirs and as_duckdb:
        return {"status": "equal"}
    if wrong := differences(ours, expected, case):
        return {"status": "DIFFERENT", **wrong, "as DuckDB's own answer": as_duckdb}
    return {"status": "equal"} if as_duckdb else {"status": "explained", "said": REASONS[case.reason]}


# ---------------------------------------------------------------------------------------------------------------------
# The whole.


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="PATTERN", help="only questions whose `group: text` matches this expression")
    parser.add_argument("--zones", default=",".join(ZONES),
                        help=f"zones by name, or `all` with {', '.join(MORE_ZONES)} too; %(default)s by default")
    parser.add_argument("--trailql", type=pathlib.Path, help="the binary to ask; built where it is not given")
    parser.add_argument("--lake", type=pathlib.Path, help="a lake to ask about, in place of one that is made")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("sql-oracle-work"),
                        help="work folder; the environment with the peer stays in it")
    parser.add_argument("--keep", action="store_true", help="keep the lakes and the events they are made of")
    parser.add_argument("--jobs", type=int, default=2, help="how many statements are asked at a time")
    parser.add_argument("--json", type=pathlib.Path, help="write every result to this file")
    parser.add_argument("--list", action="store_true", help="print the questions, and ask none")
    return parser.parse_args()


def peer_here(options):
    """Goes on in an interpreter that has the peer: this one, or that of the work folder."""
    try:
        import duckdb  # noqa: F401
    except ImportError:
        environment = options.work.resolve() / "venv"
        python = environment / "bin" / "python"
        if pathlib.Path(sys.prefix) == environment:
            sys.exit(f"sql_oracle.py: {PEERS[0]} is not installed in {environment}; remove the folder and try again")
        if not (environment / "installed").exists():
            subprocess.run([sys.executable, "-m", "venv", environment], check=True)
            subprocess.run([environment / "bin" / "pip", "install", "--quiet", *PEERS], check=True)
            (environment / "installed").touch()
        os.execv(python, [str(python), *sys.argv])


# What `first_instant` must give, so that the documented answers do not rest on DuckDB alone.
KNOWN = [
    ("UTC", "2026-11-01 00:30:00", "2026-11-01 00:30:00Z"),
    ("Asia/Kolkata", "2026-11-01 00:30:00", "2026-10-31 19:00:00Z"),
    ("Europe/Berlin", "2026-10-25 02:30:00", "2026-10-25 00:30:00Z"),
    ("Europe/Berlin", "2026-03-29 02:30:00", "2026-03-29 01:30:00Z"),
    ("America/Havana", "2025-11-02 00:30:00", "2025-11-02 04:30:00Z"),
    ("America/Havana", "2025-03-09 00:30:00", "2025-03-09 05:30:00Z"),
    ("America/Sao_Paulo", "2018-02-17 23:30:00", "2018-02-18 01:30:00Z"),
    ("Pacific/Apia", "2011-12-30 12:00:00", "2011-12-30 22:00:00Z"),
]


def zones_that_agree(zones):
    """The zones of which both engines know the same rules, at the time of every event; the others are told of."""
    agreed = []
    for zone, local, instant in KNOWN:
        case = Case("known", "questions", f"SELECT first_instant(TIMESTAMP '{local}') = TIMESTAMPTZ '{instant}'")
        if ask_duckdb(case, zone, case.duck)[1] != [(True,)]:
            sys.exit(f"sql_oracle.py: `first_instant` is wrong for DuckDB: {local} in {zone}")
    for zone in zones:
        case = Case("zones", "questions ordered", "SELECT event_time AS t FROM events ORDER BY event_time")
        wrong = differences(ask_trailql(case, zone, case.ours), ask_duckdb(case, zone, case.duck), case)
        if wrong:
            print(f"{zone} is left out, since the engines know different rules: {json.dumps(wrong, default=str)}")
        else:
            agreed.append(zone)
    return agreed


def prepare(options, folder):
    import duckdb

    Oracle.trailql = options.trailql
    if Oracle.trailql is None:
        subprocess.run(["cargo", "build", "--bin", "trailql", "--locked"], cwd=HERE.parent, check=True)
        Oracle.trailql = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE.parent / "target")) / "debug" / "trailql"
    # A copy, so that a build meanwhile does not change who is asked.
    Oracle.trailql = pathlib.Path(shutil.copy(Oracle.trailql, folder / "trailql")).resolve()
    own_events = write_events(folder / "events")
    sources = [HERE.parent / "sample-data", folder / "events" / "first.jsonl", folder / "events" / "second.jsonl"]
    Oracle.lakes = {"main": options.lake.resolve() if options.lake else folder / "lake", "far": folder / "far-lake"}
    if not options.lake:
        for source in sources:
            run_trailql("ingest", "--lake", Oracle.lakes["main"], "--quiet", source)
    run_trailql("ingest", "--lake", Oracle.lakes["far"], "--quiet", folder / "events" / "far.jsonl")
    for name, lake in Oracle.lakes.items():
        database = duckdb.connect()
        database.execute("SET threads = 1")
        files = f"read_parquet('{lake}/events/*/*.parquet', hive_partitioning = true)"
        # A table, and not a view of the files, since thousands of questions would each open a hundred of them.
        database.execute(f"CREATE TABLE events AS FROM {files}")
        database.execute(MACROS)
        Oracle.databases[name] = database
        is_own = "regexp_full_match(event_id, '[OF]-[0-9]{1,5}')"
        rows, own = database.execute(f"SELECT count(*), count(*) FILTER (WHERE {is_own}) FROM events").fetchone()
        print(f"{name} lake: {rows:,} events")
        expected = len(FAR) if name == "far" else own_events
        if own != expected and not (options.lake and name == "main"):
            sys.exit(f"sql_oracle.py: trailql stored {own} of {expected} events of the {name} lake")
    return duckdb.__version__


def told(results):
    """How many results there are of each status."""
    counts = collections.Counter(result["status"] for result in results)
    return ", ".join(f"{counts[status]} {status}" for status in RANKS)


def print_results(results):
    """Every difference once, with the zones that it shows in."""
    for status in RANKS[2:]:
        found = collections.defaultdict(list)
        for result in results:
            if result["status"] == status:
                found[result["group"], result["ours"], result["condition"]].append(result)
        if found:
            print(f"\n## {status}\n")
        for (group, _, condition), alike in found.items():
            sql = alike[0]["sql"]
            zones = ", ".join(result["zone"] for result in alike)
            print(f"{group}: {'… WHERE ' if condition else ''}{sql}\n  zones: {zones}")
            first = alike[0]
            for form, outcome in first["forms"].items():
                if outcome["status"] in ("equal", "explained"):
                    continue
                rest = {key: value for key, value in outcome.items() if key != "status"}
                print(f"  {form or 'rows'} in {first['zone']}: {json.dumps(rest, ensure_ascii=False, default=str)}")
            text = first.get("documented") or first["duckdb"]
            if text != sql:
                print(f"  expected: {text}")


def main():
    options = arguments()
    cases = [case for case in read_cases(TABLE) if not options.only or re.search(options.only, case.name)]
    if options.list:
        print("\n".join(case.name for case in cases))
        return 0
    zones = [*ZONES, *MORE_ZONES] if options.zones == "all" else options.zones.split(",")
    peer_here(options)
    options.work.mkdir(parents=True, exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="run-", dir=options.work.resolve()))
    began, results = time.monotonic(), []
    try:
        peer = prepare(options, folder)
        binary = hashlib.sha256(Oracle.trailql.read_bytes()).hexdigest()[:12]
        version = run_trailql("--version").strip()
        print(f"{version}, SHA-256 {binary}; DuckDB {peer}; {len(cases)} questions in {', '.join(zones)}, of them "
              f"{sum(case.group in TIMELESS for case in cases)} in the first one only", flush=True)
        left_out = len(zones)
        zones = zones_that_agree(zones)
        left_out -= len(zones)
        # Zone by zone, and cases of a zone in their order, so that a run can be compared with another.
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for number, zone in enumerate(zones):
                asked = [case for case in cases if number == 0 or case.group not in TIMELESS]
                # Negated, and with the side table, conditions are asked in two zones: it depends on the zone no more.
                found = list(pool.map(lambda case: judge(case, zone, number < 2), asked))
                print(f"{zone}: {told(found)}", flush=True)
                results += found
        print_results(results)
    finally:
        if options.keep:
            print(f"kept: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    counts = collections.Counter(result["status"] for result in results)
    reasons = collections.Counter(result["reason"] for result in results if result["status"] == "explained")
    print(f"\n{len(cases)} questions, {len(zones)} zones ({left_out} left out), {len(results)} results, "
          f"{time.monotonic() - began:.0f} s: {told(results)}")
    for reason, number in reasons.most_common():
        print(f"  explained {number}: {REASONS.get(reason, 'trailql says that it does not answer this')}")
    if options.json:
        everything = {"trailql": version, "binary": binary, "duckdb": peer, "zones": zones, "counts": counts,
                      "results": results}
        options.json.write_text(json.dumps(everything, indent=1, ensure_ascii=False, default=str) + "\n")
    return 2 if left_out + counts["FAILED"] + counts["REFUSED"] else 1 if counts["DIFFERENT"] else 0


if __name__ == "__main__":
    sys.exit(main())
