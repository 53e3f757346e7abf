#!/bin/sh
# Installs the engine and Compose from the bundle's packages, offline. Safe to run again, and on a
# host with an older or newer engine: an older one is upgraded while its containers run on, a newer
# one stays.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"
# shellcheck source=../common/packages.sh
. "$SLIPWAY_HOOKS_DIR/packages.sh"

daemon_json=/etc/docker/daemon.json

settings_sum=$state_dir/daemon.json.sha256

engine_runs() { docker version >/dev/null 2>&1; }

# What containers are there, and since when they run.
containers() {
    # shellcheck disable=SC2046 # ids
    set -- $(docker ps --quiet --no-trunc 2>/dev/null)
    [ $# -eq 0 ] || docker inspect --format '{{.Id}} {{.State.StartedAt}}' "$@" | sort
}

# With live-restore containers outlive the engine's restarts. A swarm's engine won't start with it.
settings() {
    live=true
    [ "$(docker info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null)" != active ] || live=false
    render "$SLIPWAY_HOOKS_DIR/daemon.json" | grep -vF '[""]' |
        sed "s/\"live-restore\": true/\"live-restore\": $live/"
}

# An operator's daemon.json is left as it is, unless it already says what we would write.
write_settings() {
    wanted=$(settings)
    if [ -e "$daemon_json" ]; then
        [ "$(tr -d '[:space:]' <"$daemon_json")" != "$(printf '%s' "$wanted" | tr -d '[:space:]')" ] ||
            return 0
        if ! grep -qxF "$(sha256sum <"$daemon_json")" "$settings_sum" 2>/dev/null; then
            [ -n "$SLIPWAY_OPTION_REGISTRY_MIRROR" ] || return 0
            fail "$daemon_json has settings of its own; add registry-mirrors there by hand," \
                "or install without registry_mirror"
        fi
    fi
    say "settings of the engine:" "$wanted"
    # Noted first, beside what was written before: whichever is there when this ends is ours.
    mkdir -p "$state_dir"
    printf '%s\n' "$wanted" | sha256sum >>"$settings_sum"
    printf '%s\n' "$wanted" | put_file "$daemon_json" 0644
    ! engine_runs || reload=yes
}

live_restore() { [ "$(docker info --format '{{.LiveRestoreEnabled}}')" = true ]; }

# An engine that runs takes its settings over without a restart.
reload_settings() {
    [ -n "$reload" ] || return 0
    systemctl reload docker.service
    ! grep -q '"live-restore": true' "$daemon_json" || wait_for 20 live_restore ||
        fail "the engine does not take over $daemon_json"
}

engine_is_chosen() {
    for file in $to_install; do
        [ "$(dpkg-deb -f "$file" Package)" != docker.io ] || return 0
    done
    return 1
}

# Of the engine that runs, and the one that is started after it.
keeps_containers() {
    live_restore || return 1
    grep -Eqs '"live-restore"[[:space:]]*:[[:space:]]*true' "$daemon_json" ||
        tr '\0' '\n' <"/proc/$(engine_pid)/cmdline" | grep -Eqx -e '--live-restore(=true)?'
}

# Asked before anything is installed.
check_containers() {
    [ -n "$before" ] && engine_is_chosen || return 0
    keeps_containers || fail "the new engine would stop $(printf '%s\n' "$before" | wc -l) container(s):" \
        "add \"live-restore\": true to $daemon_json and reload docker.service, or stop them;" \
        "nothing was installed"
}

engine_pid() { systemctl show --property MainPID --value docker.service; }

# Debian's package leaves the old engine running. Its program is gone then.
engine_is_outdated() {
    pid=$(engine_pid)
    [ "$pid" != 0 ] && case $(readlink "/proc/$pid/exe") in
    *" (deleted)") ;;
    *) return 1 ;;
    esac
}

start_engine() {
    systemctl enable --quiet containerd.service docker.socket docker.service
    if engine_is_outdated; then
        systemctl restart docker.service
    else
        systemctl start docker.service
    fi
    wait_for 60 docker version || {
        journalctl --no-pager --lines 30 --unit docker.service || true
        fail "the engine does not answer"
    }
}

# Some may have ended by themselves in the meantime; that is for the log, and no failure.
compare_containers() {
    [ -n "$before" ] || return 0
    after=$(containers)
    printf '%s\n' "$before" | while read -r id started; do
        case $after in
        *"$id $started"*) say "container runs on: $id" ;;
        *) say "warning: container does not run as before: $id" ;;
        esac
    done
}

reload=
require_root
progress 5 "checking artifacts"
check_artifacts
before=$(containers)
progress 20 "installing packages"
choose_packages "$state_dir/compose-packages"
write_settings
reload_settings
check_containers
install_chosen_packages
[ -n "$to_install" ] || [ -n "$reload" ] || say "nothing to change"
progress 80 "starting the engine"
start_engine
compare_containers
progress 100 "engine $(docker version --format '{{.Server.Version}}') runs"
