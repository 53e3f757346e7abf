#!/bin/sh
# Is the address on exactly one node, also as the network sees it, and does its port answer?
# Fact: HOLDS anew, for another attempt: this one knows what the others said before it.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"
# shellcheck source=../common/network.sh
. "$SLIPWAY_HOOKS_DIR/network.sh"

vip=$SLIPWAY_OPTION_VIP

not_unique() {
    fact REASON vip_not_unique
    sleep 3 # every node has said it anew when one of them tries again
    fail "$*"
}

report() {
    if holds_address "$vip"; then here=yes; else here=no; fi
    fact HOLDS "$here"
}

verify_one_holder() {
    holders=
    for node in $SLIPWAY_FACTS_HOLDS; do
        [ "${node#*=}" != yes ] || holders="$holders ${node%%=*}"
    done
    say "held by:${holders:- nobody}"
    [ "$(printf '%s' "$holders" | wc -w)" -eq 1 ] ||
        not_unique "$vip must be on exactly one node, and is on:${holders:- none}"
    holder=${holders# }
}

verify_seen_from_here() {
    [ "$here" = no ] || return 0
    mac=$(link_neighbour "$vip" "$SLIPWAY_OPTION_INTERFACE")
    for node in $SLIPWAY_FACTS_VIP_MAC; do
        if [ "${node%%=*}" = "$holder" ] && [ "${node#*=}" != "$mac" ]; then
            not_unique "$holder has $vip, but ${mac:-nobody} answers for it"
        fi
    done
}

require_root
fact REASON "" # an earlier attempt's is not this one's
progress 10 "who holds $vip?"
report
verify_one_holder
verify_seen_from_here
progress 60 "does port $SLIPWAY_OPTION_PORT answer?"
port_answers "$vip" "$SLIPWAY_OPTION_PORT" || fail "nothing answers at $vip, port $SLIPWAY_OPTION_PORT"
systemctl is-enabled --quiet keepalived.service || fail "keepalived.service is not enabled"
progress 100 "$holder holds $vip, and port $SLIPWAY_OPTION_PORT answers there"
