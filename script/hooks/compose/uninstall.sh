#!/bin/sh
# Removes the packages that install.sh added; images, volumes and containers only if asked to.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"

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

remove_packages() {
    packages=
    while read -r name; do
        status=$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) || continue
        [ "$status" = not-installed ] || [ "$status" = config-files ] || packages="$packages $name"
    done <"$added"
    [ -n "$packages" ] || return 0
    wait_for 120 dpkg_idle || fail "another program has held dpkg's lock for two minutes"
    export DEBIAN_FRONTEND=noninteractive
    # Something installed since may need one of our libraries: dpkg keeps those, which is right.
    # shellcheck disable=SC2086 # package names
    dpkg --remove $packages || say "note: dpkg kept what other packages need"
    if ours docker.io && command -v dockerd >/dev/null; then
        fail "the engine is still there"
    fi
}

remove_data() {
    [ "$SLIPWAY_OPTION_REMOVE_DATA" = true ] && ours docker.io || return 0
    say "removing images, volumes and containers"
    rm -rf /var/lib/docker/* /var/lib/containerd/*
}

remove_configuration() {
    recorded=$state_dir/daemon.json.sha256
    if [ -f "$recorded" ] && [ -f "$daemon_json" ] &&
        [ "$(sha256sum <"$daemon_json")" = "$(cat "$recorded")" ]; then
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
remove_packages
progress 80 "cleaning up"
remove_data
remove_configuration
rm -f "$added"
progress 100 "removed"
