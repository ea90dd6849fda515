#!/usr/bin/env bash
# Measures `wasmtime-upgrade check` on a real workspace, beside the programs that people know and beside
# the least that any program must do there; see docs/benchmarks.md.
#
#   benches/compare.sh WORKSPACE ADVISORY_DB    measure, print the table, exit 1 if a target is missed
#   benches/compare.sh --self-test              try the measuring itself, in a second
#
# WORKSPACE is a checkout of a Rust workspace that uses Wasmtime, such as spinframework/spin, and
# ADVISORY_DB one of rustsec/advisory-db; nothing is fetched. `cargo-audit` and `cargo-deny` are taken
# from the path (`cargo install --locked cargo-audit cargo-deny`). RUNS=n sets how often each program
# runs (default 11), PROGRAM=path takes a program instead of building one.
set -euo pipefail
benches=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

usage() {
    sed -n '2,/^set /s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
}

command -v python3 >/dev/null || {
    echo "compare.sh: python3 is needed: it waits for each program and asks the system what it cost" >&2
    exit 2
}
case "${1:-}" in
    --self-test) exec python3 "$benches/measure.py" --self-test ;;
    "" | -*) usage ;;
esac
[ $# = 2 ] || usage
for folder in "$1" "$2"; do
    [ -d "$folder" ] || {
        echo "compare.sh: $folder is no folder" >&2
        exit 2
    }
done

if [ -z "${PROGRAM:-}" ]; then
    cargo build --release --locked --manifest-path "$benches/../Cargo.toml"
    target=$(cargo metadata --no-deps --format-version 1 --manifest-path "$benches/../Cargo.toml" |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
    PROGRAM=$target/release/wasmtime-upgrade
fi
exec python3 "$benches/measure.py" --program "$PROGRAM" --runs "${RUNS:-11}" -- "$1" "$2"
