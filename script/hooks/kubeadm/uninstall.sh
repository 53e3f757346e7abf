#!/bin/sh
# Takes this host out of Kubernetes, and what was added off it. Images, and the packages that
# something else has come to need, stay; images go too with remove_data.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"
# shellcheck source=../common/kubernetes.sh
. "$SLIPWAY_HOOKS_DIR/kubernetes.sh"
# shellcheck source=../common/packages.sh
. "$SLIPWAY_HOOKS_DIR/packages.sh"

# Links and rules that networks leave behind; kubeadm says that it doesn't remove them.
network_links='cni0|flannel\.1|flannel-v6\.1|vxlan\.calico|kube-ipvs0|kube-bridge|cilium_[a-z]+'
network_chains='KUBE-|CNI-|FLANNEL|cali-|cali:|CILIUM'

leave_cluster() {
    [ -e "$node_begun" ] || return 0
    if command -v kubeadm >/dev/null; then
        reset_node || say "note: kubeadm could not undo everything; going on by hand"
    fi
    systemctl disable --quiet --now kubelet.service || true
    # Volumes of pods that are still mounted: nothing below them may be removed.
    awk '$2 ~ "^/var/lib/kubelet/" {print $2}' /proc/mounts | sort -r | while read -r mounted; do
        umount "$mounted" || true
    done
    ! grep -q ' /var/lib/kubelet/' /proc/mounts || fail "volumes are still mounted in /var/lib/kubelet"
    rm -rf /etc/kubernetes /var/lib/kubelet /var/lib/etcd /etc/cni/net.d /var/lib/cni \
        ~root/.kube/cache
}

clear_network() {
    ip -o link show | awk -F ': ' '{sub(/@.*/, "", $2); print $2}' |
        grep -xE "$network_links" | while read -r link; do
        ip link delete "$link" || true
    done || true
    for family in iptables ip6tables; do
        command -v "$family-save" >/dev/null || continue
        rules=$("$family-save" 2>/dev/null) || continue
        printf '%s\n' "$rules" | grep -qE -- "$network_chains" || continue
        printf '%s\n' "$rules" | grep -vE -- "$network_chains" | "$family-restore"
    done
}

stop_containerd() {
    # With a package's containerd that was here before, only its configuration was ours.
    if grep -qsxE 'containerd(\.io)?' "$node_packages" ||
        grep -qsxF /usr/local/bin/containerd "$node_files"; then
        systemctl disable --quiet --now containerd.service || true
        ours=yes
    fi
}

remove_files() {
    [ -e "$node_files" ] || return 0
    while read -r file; do
        rm -f "$file"
        kept=$state_dir/kubernetes-kept/$file
        [ ! -e "$kept" ] || mv "$kept" "$file"
    done <"$node_files"
    rmdir /opt/cni/bin /opt/cni 2>/dev/null || true
}

remove_data() {
    if [ "$SLIPWAY_OPTION_REMOVE_DATA" != true ]; then
        [ -z "$ours" ] || say "note: images stay in /var/lib/containerd"
        return
    fi
    [ -z "$ours" ] || {
        say "removing images and containers"
        rm -rf /var/lib/containerd/*
    }
}

ours=
require_root
nodes_only
if [ ! -e "$node_begun" ] && [ ! -e "$node_files" ] && [ ! -e "$node_packages" ]; then
    skip "nothing here was installed by Slipway"
fi
progress 10 "leaving the cluster"
leave_cluster
progress 40 "clearing the network"
clear_network
progress 50 "removing programs"
stop_containerd
[ ! -e "$node_packages" ] || remove_packages "$node_packages"
remove_files
systemctl daemon-reload
[ -n "$ours" ] || systemctl try-restart containerd.service 2>/dev/null || true
remove_data
say "note: kernel modules and settings stay until the next reboot"
rm -rf "$node_packages" "$node_files" "$node_begun" "$node_member" "$state_dir/kubernetes-kept"
progress 100 "removed"
