#!/bin/sh
# Kernel modules and settings that pods' networks need, now and after a reboot. Safe to run again.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"
# shellcheck source=../common/kubernetes.sh
. "$SLIPWAY_HOOKS_DIR/kubernetes.sh"

settings=/etc/sysctl.d/99-slipway-kubernetes.conf

load_modules() {
    put_node_file /etc/modules-load.d/slipway-kubernetes.conf 0644 <<END
overlay
br_netfilter
END
    grep -qw overlay /proc/filesystems || modprobe overlay
    [ -d /proc/sys/net/bridge ] || modprobe br_netfilter
}

apply_settings() {
    put_node_file "$settings" 0644 <<END
net.ipv4.ip_forward = 1
net.bridge.bridge-nf-call-iptables = 1
net.bridge.bridge-nf-call-ip6tables = 1
END
    sysctl --quiet --load="$settings"
    while read -r name _ value; do
        [ "$(sysctl --values "$name")" = "$value" ] || fail "$name did not become $value"
    done <"$settings"
}

require_root
nodes_only
progress 10 "loading modules"
load_modules
progress 50 "applying settings"
apply_settings
progress 100 "the kernel is ready for pods"
