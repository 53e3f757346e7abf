#!/bin/sh
# Installs the engine and Compose from the bundle's packages, offline. Safe to run again.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"
# shellcheck source=../common/packages.sh
. "$SLIPWAY_HOOKS_DIR/packages.sh"

daemon_json=/etc/docker/daemon.json

# An operator's daemon.json is left as it is, unless it already says what we would write.
configure_mirror() {
    [ -n "$SLIPWAY_OPTION_REGISTRY_MIRROR" ] || return 0
    if [ -e "$daemon_json" ]; then
        wanted=$(render "$SLIPWAY_HOOKS_DIR/daemon.json" | tr -d '[:space:]')
        [ "$(tr -d '[:space:]' <"$daemon_json")" != "$wanted" ] || return 0
        grep -qxF "$(sha256sum <"$daemon_json")" "$state_dir/daemon.json.sha256" 2>/dev/null ||
            fail "$daemon_json has settings of its own; add registry-mirrors there by hand," \
                "or install without registry_mirror"
    fi
    say "registry mirror: $SLIPWAY_OPTION_REGISTRY_MIRROR"
    render "$SLIPWAY_HOOKS_DIR/daemon.json" | put_file "$daemon_json" 0644
    sha256sum <"$daemon_json" | put_file "$state_dir/daemon.json.sha256" 0600
    restart=yes
}

start_engine() {
    systemctl enable --quiet containerd.service docker.socket docker.service
    if [ -n "$restart" ]; then
        systemctl restart docker.service
    else
        systemctl start docker.service
    fi
    wait_for 60 docker version || {
        journalctl --no-pager --lines 30 --unit docker.service || true
        fail "the engine does not answer"
    }
}

restart=
require_root
progress 5 "checking artifacts"
check_artifacts
progress 20 "installing packages"
configure_mirror
install_packages "$state_dir/compose-packages"
[ -n "$to_install" ] || [ -n "$restart" ] || say "nothing to change"
progress 80 "starting the engine"
start_engine
progress 100 "engine $(docker version --format '{{.Server.Version}}') runs"
