#!/bin/sh
# Configures containerd for Kubernetes, and starts it. Safe to run again.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"
# shellcheck source=../common/kubernetes.sh
. "$SLIPWAY_HOOKS_DIR/kubernetes.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The image of pods' sandboxes that this kubeadm expects.
sandbox_image() {
    kubeadm config images list --kubernetes-version "$(kubernetes_version)" \
        --image-repository "$SLIPWAY_OPTION_IMAGE_REPOSITORY" | grep '/pause:' ||
        fail "kubeadm names no pause image"
}

configure() {
    SANDBOX_IMAGE=$(sandbox_image)
    export SANDBOX_IMAGE
    say "sandbox image: $SANDBOX_IMAGE"
    render "$SLIPWAY_HOOKS_DIR/containerd.toml" >"$work/config.toml"
    put_node_file /etc/containerd/config.toml 0644 <"$work/config.toml"
    # A package brings its own unit.
    if [ -x /usr/local/bin/containerd ]; then
        put_node_file /etc/systemd/system/containerd.service 0644 \
            <"$SLIPWAY_HOOKS_DIR/containerd.service"
        systemctl daemon-reload
    fi
}

start() {
    systemctl enable --quiet containerd.service
    if [ -n "$changed" ]; then
        systemctl restart containerd.service
    else
        systemctl start containerd.service
    fi
    if ! wait_for 60 ctr version || ! wait_for 30 crictl version; then
        journalctl --no-pager --lines 30 --unit containerd.service || true
        fail "containerd does not answer as Kubernetes' runtime"
    fi
}

changed=
require_root
nodes_only
progress 10 "configuring containerd"
configure
progress 50 "starting containerd"
start
progress 100 "containerd runs"
