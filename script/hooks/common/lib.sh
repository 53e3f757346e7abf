# shellcheck shell=sh
# What every hook needs. Sourced: . "$SLIPWAY_HOOKS_DIR/lib.sh"

# What Slipway remembers on a host between hooks.
# shellcheck disable=SC2034  # for the hooks that source this
state_dir=/var/lib/slipway/state

say() { printf '%s\n' "$*"; }

progress() { # PERCENT TEXT…
    percent=$1
    shift
    printf '::slipway progress %s %s\n' "$percent" "$*"
}

# What later hooks find in SLIPWAY_FACT_NAME, on this node or another.
fact() { # NAME VALUE
    printf '::slipway set %s=%s\n' "$1" "$2"
}

# The same for what must not be seen: kept encrypted, and masked wherever a log has it.
secret_fact() { # NAME VALUE
    printf '::slipway secret %s=%s\n' "$1" "$2"
}

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

require_root() {
    [ "$(id -u)" -eq 0 ] || fail "hooks run as root; this is $(id -un)"
}

# Calls COMMAND PATH FILE for every artifact of this node, FILE being where its bytes lie.
each_artifact() { # COMMAND
    for entry in $SLIPWAY_ARTIFACTS; do
        "$1" "${entry%=*}" "$SLIPWAY_ARTIFACT_DIR/${entry##*=}"
    done
}

# The bytes are checked here, on the host that will run them, and all before the first one runs.
check_artifacts() {
    problems=0
    each_artifact check_artifact
    [ "$problems" -eq 0 ] || fail "$problems artifact(s) missing or changed; nothing was installed"
}

check_artifact() { # PATH FILE
    if [ ! -f "$2" ] || [ -L "$2" ]; then
        say "artifact missing: $1 ($2)"
    elif [ "$(sha256sum <"$2")" != "${2##*/}  -" ]; then
        say "artifact checksum mismatch: $1 ($2)"
    else
        return 0
    fi
    problems=$((problems + 1))
}

# Runs COMMAND each second until it succeeds, SECONDS times at most.
wait_for() { # SECONDS COMMAND…
    left=$1
    shift
    until "$@" >/dev/null 2>&1; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || return 1
        sleep 1
    done
}

# Fills in ${NAME} from the environment. Only names, never expressions: a template is no program.
render() { # TEMPLATE
    awk '{
        line = ""
        while (match($0, /\$\{[A-Z][A-Z0-9_]*\}/)) {
            name = substr($0, RSTART + 2, RLENGTH - 3)
            if (!(name in ENVIRON)) { print "error: nothing sets " name > "/dev/stderr"; exit 1 }
            line = line substr($0, 1, RSTART - 1) ENVIRON[name]
            $0 = substr($0, RSTART + RLENGTH)
        }
        print line $0
    }' "$1"
}

# Puts standard input at PATH by rename, so that nobody reads half a file.
put_file() { # PATH MODE
    mkdir -p "$(dirname "$1")"
    cat >"$1.slipway"
    chmod "$2" "$1.slipway"
    mv "$1.slipway" "$1"
}

# Is somebody else using dpkg? Its locks are fcntl locks, which only /proc/locks shows.
dpkg_busy() {
    for lock in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock; do
        [ -e "$lock" ] || continue
        inode=$(stat -c %i "$lock")
        grep -q "POSIX.*WRITE.*:$inode " /proc/locks && return 0
    done
    return 1
}

dpkg_idle() { ! dpkg_busy; }
