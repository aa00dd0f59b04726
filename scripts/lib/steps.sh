# The steps of scripts/test, in the order in which they run. Each runs in a shell of its own.
# shellcheck shell=bash

step_fmt() { cargo fmt --all --check; }

step_clippy() { cargo clippy --all-targets --locked -- -D warnings; }

step_clippy_postgres() {
    need_libpq
    cargo clippy --all-targets --locked "${FEATURES[@]}" -- -D warnings
}

step_doc() { RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked "${FEATURES[@]}"; }

step_deny() {
    need_cargo_deny
    cargo deny --locked --all-features check --hide-inclusion-graph bans licenses sources
}

# The advisories are a git repository, which no package registry holds: left out where it cannot be
# reached, and only then.
step_advisories() {
    need_cargo_deny
    local fetch_log=$LOGS/advisories-fetch.log
    if ! timeout 180 cargo deny fetch db >"$fetch_log" 2>&1 </dev/null; then
        leave_out "$CANNOT_BE_HAD" "the RustSec advisory database cannot be reached from here"
    fi
    cargo deny --locked --all-features check advisories
}

# Runs cargo test and keeps its output for the counts; cargo's own exit code is the step's.
cargo_test() {
    local name=$1
    shift
    # With what the tests print: how much each of them tried.
    RUST_BACKTRACE=0 cargo test --locked --no-fail-fast "$@" -- --show-output 2>&1 | tee "$WORK/cargo-$name.log"
    grep -q '^test result:.* [1-9][0-9]* passed' "$WORK/cargo-$name.log" || {
        echo "cargo ran no test."
        return 1
    }
}

step_tests_sqlite() {
    unset ATTUNE_TEST_POSTGRES_URL
    # The same build as for PostgreSQL: one without it is what clippy has checked.
    ATTUNE_TEST_DATABASE=sqlite cargo_test sqlite "${FEATURES[@]}"
}

step_tests_postgres() {
    need_libpq
    start_postgres
    ATTUNE_TEST_DATABASE=postgres cargo_test postgres "${FEATURES[@]}"
    stop_postgres
}

# The service as the tests have built it: `cargo build` leaves out what the tests alone depend on, and would
# build half of the dependencies once more without it.
build_service() { cargo test --locked "${FEATURES[@]}" --test suite --no-run; }

step_openapi() {
    build_service
    "$TARGET/debug/attune" openapi >"$WORK/openapi.json"
    if ! diff -u openapi/openapi.json "$WORK/openapi.json" >"$LOGS/openapi.diff"; then
        head -n 60 "$LOGS/openapi.diff"
        echo "openapi/openapi.json is not what the binary prints. After review: cargo run -- openapi > openapi/openapi.json"
        return 1
    fi
}

step_lint() {
    need_node
    node_tools
    export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
    node tools/redocly/check.mjs
    # A warning fails as well, and the linter's exit code knows only errors: count both.
    local linter=(node tools/node_modules/@redocly/cli/bin/cli.js lint openapi/openapi.json --config redocly.yaml --lint-config=error)
    if ! "${linter[@]}" --format=json >"$LOGS/redocly.json" 2>"$LOGS/redocly.log" ||
        ! node -e 'const { totals } = JSON.parse(require("fs").readFileSync(process.argv[1])); process.exit(totals.errors + totals.warnings)' "$LOGS/redocly.json"; then
        [[ -s $LOGS/redocly.json ]] || cat "$LOGS/redocly.log"
        "${linter[@]}" --format=stylish --max-problems=200 2>/dev/null || true
        return 1
    fi
    echo "openapi/openapi.json keeps every rule."
}

# On both databases; where PostgreSQL cannot be had, on SQLite, and the step counts as left out.
step_fuzz() {
    need_python
    local tools alone=()
    tools=$(python_tools schemathesis requirements.txt) ||
        leave_out "$LEFT_OUT" "schemathesis could not be installed"
    build_service
    if has_libpq && find_postgres; then
        start_postgres
        PATH=$POSTGRES_BIN:$PATH
    else
        alone=(--database sqlite)
    fi
    python3 -B scripts/lib/fuzz.py --attune "$TARGET/debug/attune" \
        --schemathesis "$tools/bin/schemathesis" --logs "$LOGS" "${alone[@]}"
    stop_postgres
    ((!${#alone[@]})) ||
        leave_out "$LEFT_OUT" "SQLite alone: libpq's headers or the PostgreSQL server are missing; on Debian: apt-get install libpq-dev libssl-dev pkg-config postgresql"
}
