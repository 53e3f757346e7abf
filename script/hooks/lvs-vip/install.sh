#!/bin/sh
# Installs keepalived from the bundle's packages, offline. Safe to run again.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"
# shellcheck source=../common/packages.sh
. "$SLIPWAY_HOOKS_DIR/packages.sh"

require_root
progress 5 "checking artifacts"
check_artifacts
progress 20 "installing packages"
# Without a configuration the package's service does not start.
install_packages "$state_dir/lvs-vip-packages"
[ -n "$to_install" ] || say "nothing to change"
progress 100 "$(keepalived --version 2>&1 | head -n 1)"
