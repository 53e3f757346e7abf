#!/bin/sh
# Removes the packages that install.sh added; images, volumes and containers only if asked to.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"
# shellcheck source=../common/packages.sh
. "$SLIPWAY_HOOKS_DIR/packages.sh"

daemon_json=/etc/docker/daemon.json
added=$state_dir/compose-packages

ours() { grep -qx "$1" "$added"; } # PACKAGE

stop_containers() {
    ours docker.io || return 0
    docker version >/dev/null 2>&1 || return 0
    running=$(docker ps --quiet)
    [ -n "$running" ] || return 0
    say "stopping containers: $(printf '%s' "$running" | wc -w)"
    # shellcheck disable=SC2086 # ids
    docker stop $running >/dev/null
}

remove_data() {
    [ "$SLIPWAY_OPTION_REMOVE_DATA" = true ] && ours docker.io || return 0
    say "removing images, volumes and containers"
    rm -rf /var/lib/docker/* /var/lib/containerd/*
}

remove_configuration() {
    recorded=$state_dir/daemon.json.sha256
    if [ -f "$recorded" ] && [ -f "$daemon_json" ] &&
        grep -qxF "$(sha256sum <"$daemon_json")" "$recorded"; then
        rm -f "$daemon_json"
    fi
    rm -f "$recorded"
}

require_root
[ -f "$added" ] || {
    progress 100 "nothing here was installed by Slipway"
    exit 0
}
progress 10 "stopping containers"
stop_containers
progress 30 "removing packages"
remove_packages "$added"
if ours docker.io && command -v dockerd >/dev/null; then
    fail "the engine is still there"
fi
progress 80 "cleaning up"
remove_data
remove_configuration
rm -f "$added"
progress 100 "removed"
