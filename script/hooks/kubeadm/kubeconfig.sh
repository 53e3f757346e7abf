#!/bin/sh
# Hands the cluster's administrator to Slipway, as a secret, and takes the join token back.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"
# shellcheck source=../common/kubernetes.sh
. "$SLIPWAY_HOOKS_DIR/kubernetes.sh"

require_root
kubectl --kubeconfig "$admin_conf" get --raw /readyz >/dev/null || fail "the API is not ready"
say "the API's address: $(sed -n 's/^ *server: *//p' "$admin_conf")"
secret_fact KUBECONFIG "$(base64 -w 0 <"$admin_conf")"
if [ -n "${SLIPWAY_FACT_JOIN_TOKEN:-}" ]; then
    # Its first part names it, and is no secret. It would expire by itself.
    kubeadm token delete "${SLIPWAY_FACT_JOIN_TOKEN%%.*}" >/dev/null 2>&1 ||
        say "note: the join token was gone already"
fi
progress 100 "Slipway can use the cluster"
