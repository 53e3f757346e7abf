#!/bin/sh
# Do the nodes fit together? Compares what preflight.sh found on each. Changes nothing.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"

# kubeadm dates its certificates back by five minutes: a clock that is further off refuses them.
most_skew=300

problems=0
problem() {
    say "problem: $*"
    problems=$((problems + 1))
}

# Values of "NODE=VALUE …" that more than one node has: "VALUE: NODE NODE", a line each.
shared() { # PAIRS
    printf '%s\n' "$1" | tr ' ' '\n' | awk -F = '
        $2 != "" {nodes[$2] = nodes[$2] " " $1; count[$2]++}
        END {for (value in nodes) if (count[value] > 1) print value ":" nodes[value]}'
}

check_unique() { # WHAT PAIRS
    shared "$2" | sort | while read -r line; do say "problem: the same $1 $line"; done
    problems=$((problems + $(shared "$2" | wc -l)))
}

# All nodes looked at their clocks at once, give or take the seconds that a connection takes.
check_clocks() {
    skew=$(printf '%s\n' "${SLIPWAY_FACTS_CLOCK:-}" | tr ' ' '\n' | awk -F = '
        $2 == "" {next}
        low == "" || $2 < low {low = $2}
        high == "" || $2 > high {high = $2}
        END {print high - low}')
    say "clocks: $skew seconds apart at most"
    [ "$skew" -le "$most_skew" ] ||
        problem "the clocks are $skew seconds apart: ${SLIPWAY_FACTS_CLOCK}; set them (NTP)"
}

check_clocks
check_unique "machine id (/etc/machine-id)" "${SLIPWAY_FACTS_MACHINE_ID:-}"
check_unique "product_uuid" "${SLIPWAY_FACTS_PRODUCT_UUID:-}"
check_unique "MAC address" "${SLIPWAY_FACTS_MAC:-}"
check_unique "host name" "${SLIPWAY_FACTS_HOSTNAME:-}"
[ "$problems" -eq 0 ] || fail "$problems problem(s): nothing was changed"
progress 100 "the nodes fit together"
