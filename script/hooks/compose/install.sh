#!/bin/sh
# Installs the engine and Compose from the bundle's packages, offline. Safe to run again.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"

daemon_json=/etc/docker/daemon.json
added=$state_dir/compose-packages # what uninstall may remove: the packages that were not here before
to_install=

choose() { # PATH FILE
    name=$(dpkg-deb -f "$2" Package)
    version=$(dpkg-deb -f "$2" Version)
    present=$(dpkg-query -W -f '${db:Status-Status} ${Version}' "$name" 2>/dev/null) || present=
    case $present in
    "installed "*)
        if dpkg --compare-versions "${present#installed }" ge "$version"; then
            say "present: $name ${present#installed }"
            return
        fi
        ;;
    *) grep -qxs "$name" "$added" || new="$new$name
" ;;
    esac
    say "to install: $name $version"
    to_install="$to_install $2"
}

remember_added() {
    [ -n "$new" ] || return 0
    mkdir -p "$state_dir"
    printf '%s' "$new" >>"$added"
}

install_packages() {
    new=
    each_artifact choose
    [ -n "$to_install" ] || return 0
    wait_for 120 dpkg_idle || fail "another program has held dpkg's lock for two minutes"
    remember_added
    export DEBIAN_FRONTEND=noninteractive
    # Not --skip-same-version: it would leave a package that an interrupted run only unpacked.
    # shellcheck disable=SC2086 # paths of our own making: a directory and digests, no spaces
    dpkg --refuse-downgrade --force-confdef --force-confold -i $to_install
}

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
install_packages
[ -n "$to_install" ] || [ -n "$restart" ] || say "nothing to change"
progress 80 "starting the engine"
start_engine
progress 100 "engine $(docker version --format '{{.Server.Version}}') runs"
