#!/bin/sh
# Makes this host a node of the cluster, by its role. A node that is one already goes on; a join
# that an earlier run began and did not end is reset first.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"
# shellcheck source=../common/kubernetes.sh
. "$SLIPWAY_HOOKS_DIR/kubernetes.sh"
# shellcheck source=../common/kubeadm.sh
. "$SLIPWAY_HOOKS_DIR/kubeadm.sh"

require_root
[ "$SLIPWAY_NODE_NAME" != "$SLIPWAY_FIRST_CONTROL_PLANE" ] ||
    skip "the first control plane started the cluster"
if [ -e "$node_member" ]; then
    [ "$(cat "$node_member")" = "$SLIPWAY_FACT_CA_CERT_HASH" ] ||
        fail "this is a node of another cluster: uninstall that one first"
    systemctl start kubelet.service
    skip "is a node of this cluster already"
fi
if [ -e "$node_begun" ]; then
    say "an earlier run did not get through: starting over"
    reset_node
fi
mkdir -p "$state_dir"
: >"$node_begun"
progress 10 "joining $SLIPWAY_FACT_API_ENDPOINT"
join_configuration >"$work/join.yaml"
if ! run_kubeadm "$work/output" join --config "$work/join.yaml"; then
    if grep -qE 'JWS signature|"kubeadm-certs" was not found|decoding secret data' "$work/output"; then
        fail "the token or the certificates' key is not valid any more (two hours):" \
            "install again, which makes new ones and leaves what is done as it is"
    fi
    fail "kubeadm could not join the cluster"
fi
printf '%s\n' "$SLIPWAY_FACT_CA_CERT_HASH" | put_file "$node_member" 0600
progress 100 "joined as $SLIPWAY_NODE_ROLE"
