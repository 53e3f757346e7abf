#!/bin/sh
# Starts the cluster on its first control plane. On a node that has done so, with the same settings,
# it goes on; what an earlier run began and did not end is reset first.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"
# shellcheck source=../common/kubernetes.sh
. "$SLIPWAY_HOOKS_DIR/kubernetes.sh"
# shellcheck source=../common/kubeadm.sh
. "$SLIPWAY_HOOKS_DIR/kubeadm.sh"

# What can't be changed by installing again.
settings() {
    printf '%s\n' \
        "kubernetes_version=$(kubernetes_version)" \
        "control_plane_endpoint=$SLIPWAY_OPTION_CONTROL_PLANE_ENDPOINT" \
        "pod_subnet=$SLIPWAY_OPTION_POD_SUBNET" \
        "service_subnet=$SLIPWAY_OPTION_SERVICE_SUBNET"
}

go_on() {
    settings >"$work/settings"
    if ! cmp -s "$work/settings" "$node_member"; then
        say "this cluster was made with:"
        cat "$node_member"
        say "asked for is:"
        cat "$work/settings"
        fail "a cluster's settings can't be changed by installing again: uninstall it first," \
            "or install with the settings that it has"
    fi
    systemctl start kubelet.service
    wait_for 120 kubectl --kubeconfig "$admin_conf" get --raw /readyz ||
        fail "the cluster was made by an earlier run, and its API does not answer"
    # Good for a year from now on, as is what Slipway is given in the end.
    kubeadm certs renew admin.conf
    skip "the cluster is there already"
}

require_root
[ ! -e "$node_member" ] || go_on
if [ -e "$node_begun" ]; then
    say "an earlier run did not get through: starting over"
    reset_node
fi
mkdir -p "$state_dir"
: >"$node_begun"
progress 10 "starting the cluster"
init_configuration "" >"$work/init.yaml"
# Without --skip-token-print the log would have a token in it.
if ! run_kubeadm "$work/output" init --config "$work/init.yaml" --skip-token-print; then
    fail "kubeadm could not start the cluster"
fi
settings | put_file "$node_member" 0600
progress 100 "the cluster runs"
