#!/bin/sh
# Takes the address back, and removes keepalived's configuration and the packages that came for it.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"
# shellcheck source=../common/packages.sh
. "$SLIPWAY_HOOKS_DIR/packages.sh"

keepalived_conf=/etc/keepalived/keepalived.conf
services=/etc/systemd/system/keepalived.service.d
recorded=$state_dir/keepalived.sha256
added=$state_dir/lvs-vip-packages

remove_configuration() {
    [ -f "$recorded" ] || return 0
    # Stopped first: that takes the address, and IPVS's rule, from this host.
    systemctl disable --quiet --now keepalived.service || say "note: keepalived is gone already"
    if [ -f "$keepalived_conf" ]; then
        if grep -qxF "$(sha256sum <"$keepalived_conf")" "$recorded"; then
            rm -f "$keepalived_conf"
        else
            say "note: $keepalived_conf was changed by hand, and stays"
        fi
    fi
    rm -f "$services/slipway.conf" "$services/slipway-lvs.conf"
    rmdir "$services" 2>/dev/null || true
    systemctl daemon-reload
    rm -f "$recorded"
}

require_root
[ -f "$recorded" ] || [ -f "$added" ] || {
    progress 100 "nothing here was installed by Slipway"
    exit 0
}
progress 10 "taking the address back"
remove_configuration
progress 40 "removing packages"
[ ! -f "$added" ] || remove_packages "$added"
rm -f "$added"
progress 100 "removed"
