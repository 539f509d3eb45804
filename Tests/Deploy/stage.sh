# shellcheck shell=bash
# Sourced by the scripts beside it that try what deploy/ gives to operators and consumers against the built program: tools from Debian's archive in
# a folder of their own, a relay and a broker on free ports, and a scratch folder that goes away with every process that was started.

# shellcheck source=../../deploy/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../deploy/lib.sh"

binary=${ARGYLE_RELAY_BINARY:-$checkout/.build/debug/argyle-relay}
[ -x "$binary" ] || fail 69 "There is no $binary: build it first (swift build), or name another in ARGYLE_RELAY_BINARY."
scratch=$(mktemp -d)
processes=()
passed=0 skipped=0
leave() {
    local status=$? process
    for process in "${processes[@]}"; do kill -KILL -- "-$process" 2>/dev/null || true; done
    if [ "$status" = 0 ]; then
        say "$passed passed, 0 failed, $skipped skipped"
    else
        for log in "$scratch"/*.log; do if [ -s "$log" ]; then say "--- $(basename "$log"):" "$(tail -n 20 "$log")"; fi; done
    fi
    rm -rf "$scratch"
}
trap leave EXIT
trap 'say "FAILED at line $LINENO of $0: $BASH_COMMAND"' ERR

ok() { passed=$((passed + 1)); say "ok: $*"; }
skip() { skipped=$((skipped + 1)); say "skipped: $*"; }

# expect SENTENCE CMD…: a check that says what it found when it fails.
expect() {
    local sentence=$1 output
    shift
    if output=$("$@" 2>&1); then ok "$sentence"; else fail 1 "FAILED: $sentence" "$output"; fi
}

# refuse SENTENCE CMD…: CMD must fail.
refuse() {
    local sentence=$1
    shift
    if "$@" >/dev/null 2>&1; then fail 1 "FAILED: $sentence"; fi
    ok "$sentence"
}

# await SENTENCE CMD…: asks again and again for at most 30 s.
await() {
    local sentence=$1 end=$((SECONDS + 30))
    shift
    until "$@" >/dev/null 2>&1; do
        if [ "$SECONDS" -ge "$end" ]; then fail 1 "In vain for 30 s: $sentence ($*)"; fi
        sleep 0.1
    done
}

# start NAME CMD…: runs CMD, in a process group of its own, until the script ends; it logs to NAME.log. `process` is its id and the group's.
start() {
    local name=$1
    shift
    setsid "$@" >"$scratch/$name.log" 2>&1 </dev/null &
    process=$!
    processes+=("$process")
    # Bash has nothing to say when it is ended.
    disown "$process"
}

# stop PROCESS: asks it and its group to end, and waits for it.
stop() {
    # It may have ended by itself.
    kill -- "-$1" 2>/dev/null || ended "$1"
    await "process $1 ends" ended "$1"
}

ended() { ! kill -0 "$1" 2>/dev/null; }

free_ports() {
    python3 -c '
import socket, sys
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(s.getsockname()[1] for s in sockets))' "$1"
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# --- Tools from Debian's archive, unpacked beside the cache: nothing is installed, so no service starts on anybody's machine. -----------------

# debian_tools FOLDER PACKAGE…: unpacks them, with what they need, and puts their programs on PATH. Returns 1 where that cannot be.
debian_tools() {
    local folder=$cache/tools/$1
    shift
    if [ "$(cat "$folder/complete" 2>/dev/null)" != "$*" ]; then
        command -v apt-get >/dev/null || return 1
        rm -rf "$folder"
        mkdir -p "$folder/archives/partial"
        timed "Fetching from Debian: $*" unpack_from_debian "$folder" "$@" || return 1
        rm -rf "$folder/archives"
        echo "$*" >"$folder/complete"
    fi
    export PATH=$PATH:$folder/usr/sbin:$folder/usr/bin
    # Before a tool that was unpacked: its libraries.
    # shellcheck disable=SC2034 # used by the scripts beside this one
    with_libraries=(env "LD_LIBRARY_PATH=$(printf '%s' "$folder"/usr/lib/*-linux-gnu)")
}

unpack_from_debian() {
    local folder=$1 archive download
    shift
    download=(apt-get install -y -q --download-only --no-install-recommends -o "Dir::Cache::archives=$folder/archives")
    as_root "${download[@]}" "$@" || { as_root apt-get update -q && as_root "${download[@]}" "$@"; }
    for archive in "$folder"/archives/*.deb; do dpkg-deb -x "$archive" "$folder"; done
}

# has COMMAND [PACKAGE]: whether the command is there, or can be installed.
has() {
    command -v "$1" >/dev/null || (apt_install "${2:-$1}") >/dev/null 2>&1 || return 1
    command -v "$1" >/dev/null
}

# --- A broker and a relay --------------------------------------------------------------------------------------------------------------

# broker: one Apache Kafka in KRaft mode, at $bootstrap. Wants KAFKA_HOME.
broker() {
    local ports folder=$scratch/kafka
    read -ra ports <<<"$(free_ports 2)"
    bootstrap=127.0.0.1:${ports[0]}
    mkdir -p "$folder"
    cat >"$folder/server.properties" <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${ports[1]}
listeners=PLAINTEXT://$bootstrap,CONTROLLER://127.0.0.1:${ports[1]}
advertised.listeners=PLAINTEXT://$bootstrap
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=$folder/data
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
END
    export LOG_DIR=$folder/logs KAFKA_HEAP_OPTS='-Xmx384m -Xms128m'
    "$KAFKA_HOME/bin/kafka-storage.sh" format -t MkU3OEVBNTcwNTJENDM2Qk -c "$folder/server.properties" >"$scratch/format.log" 2>&1
    start kafka "$KAFKA_HOME/bin/kafka-server-start.sh" "$folder/server.properties"
    await "the broker listens" listens "${ports[0]}"
}

secret='a secret for trying'

# relay NAME SETTING=VALUE…: a relay with a folder of its own, on free ports. Sets `process`, `deliveries` and `admin` (host and port).
relay() {
    local name=$1 ports setting
    shift
    read -ra ports <<<"$(free_ports 2)"
    # shellcheck disable=SC2034 # used by the scripts beside this one
    deliveries=127.0.0.1:${ports[0]} admin=127.0.0.1:${ports[1]}
    mkdir -p "$scratch/$name"
    settings=(--set "http.port=${ports[0]}" --set "admin.port=${ports[1]}" --set "outbox.path=$scratch/$name/outbox.sqlite")
    for setting in "$@"; do settings+=(--set "$setting"); done
    printf '%s\n' "$secret" >"$scratch/secret"
    export RELAY_SIGNATURE_SECRETS_FILE=$scratch/secret
    start "$name" "$binary" serve "${settings[@]}"
    await "the relay $name is up" curl -fsS "http://$admin/livez"
}

# deliver SENDING…: signed deliveries to the relay started last.
deliver() { "$binary" send "${settings[@]}" "$@"; }

# signature FILE: what Argyle would put into X-Argyle-Signature.
signature() { openssl dgst -sha512 -hmac "$secret" -r "$1" | cut -d ' ' -f 1; }
