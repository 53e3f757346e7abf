#!/bin/sh
# Applies the CNI manifest that was brought: without one no node becomes ready. Safe to run again.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"
# shellcheck source=../common/kubernetes.sh
. "$SLIPWAY_HOOKS_DIR/kubernetes.sh"

require_root
[ "$SLIPWAY_OPTION_NETWORK" != none ] || skip "the cluster's network is up to you (network: none)"
manifest=$(artifact "*/cni/${SLIPWAY_OPTION_NETWORK:-*}.yaml")
[ -n "$manifest" ] || fail "the bundle was built without the manifest of a network"
grep -qF "$SLIPWAY_OPTION_POD_SUBNET" "$manifest" ||
    say "note: the manifest does not mention pod_subnet ($SLIPWAY_OPTION_POD_SUBNET);" \
        "networks that don't find it out by themselves need it in there"
# On the server, because the definitions of some networks are too long for an annotation.
kubectl --kubeconfig "$admin_conf" apply --server-side --force-conflicts --filename "$manifest"
progress 100 "the network is applied"
