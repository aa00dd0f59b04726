# A private PostgreSQL server for one run of the tests: in a temporary directory, on loopback, and
# without the guarantees against power loss that tests do not need. Sourced by scripts/test, and by the load
# program, which wants the guarantees: POSTGRES_DURABLE=1.
# shellcheck shell=bash

POSTGRES_BIN=
POSTGRES_DIR=
POSTGRES_RUNNER=()

# Finds the newest server's binaries; on Debian they are not on PATH.
find_postgres() {
    local candidates=() directory
    has pg_ctl && candidates+=("$(dirname "$(readlink -f "$(command -v pg_ctl)")")")
    has pg_config && candidates+=("$(pg_config --bindir)")
    while read -r directory; do candidates+=("$directory"); done < <(
        printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin | sort -Vr
    )
    for directory in "${candidates[@]}"; do
        if [[ -x $directory/postgres && -x $directory/initdb && -x $directory/pg_ctl ]]; then
            POSTGRES_BIN=$directory
            return 0
        fi
    done
    return 1
}

# PostgreSQL refuses to run as root: become the unprivileged user that Debian made for it, or nobody.
choose_postgres_user() {
    POSTGRES_RUNNER=()
    [[ $EUID -eq 0 ]] || return 0
    local user=nobody
    if id -u postgres >/dev/null 2>&1; then user=postgres; fi
    chown "$user" "$POSTGRES_DIR"
    if has setpriv; then
        POSTGRES_RUNNER=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups)
    else
        POSTGRES_RUNNER=(runuser -u "$user" --)
    fi
}

as_postgres() { (cd "$POSTGRES_DIR" && env -u PGDATA HOME="$POSTGRES_DIR" "${POSTGRES_RUNNER[@]}" "$@"); }

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' 2>/dev/null ||
        echo $((20000 + RANDOM % 12000))
}

# Starts the server and sets ATTUNE_TEST_POSTGRES_URL. The role may create databases and is no
# superuser, as it would be in earnest. The server's data are in $WORK/postgres, so that whichever
# shell ends last can stop it.
start_postgres() {
    local password port try
    find_postgres || leave_out "$LEFT_OUT" "the PostgreSQL server is missing; on Debian: apt-get install postgresql"
    # A step that failed may have left one behind.
    stop_postgres
    rm -rf "$POSTGRES_DIR"
    chmod 711 "$WORK"
    mkdir -m 700 "$POSTGRES_DIR"
    choose_postgres_user
    as_postgres "$POSTGRES_BIN/initdb" --pgdata=data --username=owner --encoding=UTF8 --locale=C.UTF-8 \
        --auth-local=trust --auth-host=scram-sha-256 --no-sync >"$LOGS/initdb.log"
    # A file rather than options on the command line, whose quoting pg_ctl hands to a shell.
    as_postgres tee -a data/postgresql.conf >/dev/null <<-SETTINGS
		listen_addresses = '127.0.0.1'
		unix_socket_directories = '$POSTGRES_DIR'
		max_connections = 300
		log_min_messages = fatal
	SETTINGS
    if [[ ${POSTGRES_DURABLE:-} ]]; then
        as_postgres tee -a data/postgresql.conf >/dev/null <<<'shared_buffers = 512MB'
    else
        as_postgres tee -a data/postgresql.conf >/dev/null <<-SETTINGS
			fsync = off
			synchronous_commit = off
			full_page_writes = off
			autovacuum = off
		SETTINGS
    fi
    for try in 1 2 3 4 5; do
        port=$(free_port)
        if as_postgres "$POSTGRES_BIN/pg_ctl" start --pgdata=data --wait --timeout=60 --log=server.log \
            --options="-p $port" >"$LOGS/postgres-start.log" 2>&1; then break; fi
        ((try < 5)) || { as_postgres cat server.log && return 1; }
    done
    password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    as_postgres "$POSTGRES_BIN/psql" --quiet --no-psqlrc --host="$POSTGRES_DIR" --port="$port" --username=owner \
        --dbname=postgres --set=ON_ERROR_STOP=1 <<-SQL
		CREATE ROLE attune LOGIN CREATEDB PASSWORD '$password';
		GRANT CREATE ON DATABASE postgres TO attune;
	SQL
    export ATTUNE_TEST_POSTGRES_URL="postgres://attune:$password@127.0.0.1:$port/postgres"
    printf 'PostgreSQL %s on 127.0.0.1:%s\n' "$("$POSTGRES_BIN/postgres" --version | awk '{print $3}')" "$port"
}

stop_postgres() {
    POSTGRES_DIR=$WORK/postgres
    [[ -s $POSTGRES_DIR/data/postmaster.pid ]] || return 0
    find_postgres && choose_postgres_user
    as_postgres "$POSTGRES_BIN/pg_ctl" stop --pgdata=data --mode=immediate --wait >"$LOGS/postgres-stop.log" 2>&1 || true
}
