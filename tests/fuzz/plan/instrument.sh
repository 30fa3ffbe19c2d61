#!/usr/bin/env bash
# Compiler wrapper: instruments trailql for coverage, checks its arithmetic, and leaves all else as it is.
set -euo pipefail
rustc=$1
shift
case " $* " in
*" --crate-name trailql "*)
    set -- "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
        -Cllvm-args=-sanitizer-coverage-trace-compares -Cdebug-assertions -Coverflow-checks
    ;;
esac
exec "$rustc" "$@"
