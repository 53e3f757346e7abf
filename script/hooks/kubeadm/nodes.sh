#!/bin/sh
# Is every node there, and ready? Asked of the API, from the first control plane.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"
# shellcheck source=../common/kubernetes.sh
. "$SLIPWAY_HOOKS_DIR/kubernetes.sh"

ask() { kubectl --kubeconfig "$admin_conf" "$@"; }

expected_nodes() {
    printf '%s\n' "$SLIPWAY_NODE_NAME"
    for peer in $SLIPWAY_PEERS; do
        rest=${peer#*=}
        [ "${rest%%=*}" = lb ] || printf '%s\n' "${peer%%=*}"
    done
}

# "NAME=STATUS" of all nodes; STATUS of the condition Ready: True, False, Unknown.
readiness() {
    ask get nodes --output \
        'jsonpath={range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}'
}

# The expected nodes that are not there, or not ready, in one line.
waiting_for() {
    found=$(readiness) || found=
    for name in $(expected_nodes); do
        status=$(printf '%s\n' "$found" | awk -F = -v name="$name" '$1 == name {print $2}')
        case $status in
        True) ;;
        "") printf '%s is not there; ' "$name" ;;
        # Without a network none becomes ready, and that is what was asked for.
        *) [ "$SLIPWAY_OPTION_NETWORK" = none ] || printf '%s is not ready; ' "$name" ;;
        esac
    done
}

everything_there() { [ -z "$(waiting_for)" ]; }

require_root
progress 10 "waiting for the nodes"
if ! wait_for "$SLIPWAY_OPTION_READY_SECONDS" everything_there; then
    ask get nodes --output wide || true
    ask get pods --all-namespaces --output wide || true
    fail "$(waiting_for)after $SLIPWAY_OPTION_READY_SECONDS seconds"
fi
ask get nodes --output wide
progress 100 "all $(expected_nodes | wc -l) nodes are there"
