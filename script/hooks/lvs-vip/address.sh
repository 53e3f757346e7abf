#!/bin/sh
# Is the address free, but for the nodes that will hold it, and does a node serve the port?
# Looks, and changes nothing.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"
# shellcheck source=../common/network.sh
. "$SLIPWAY_HOOKS_DIR/network.sh"

keepalived_conf=/etc/keepalived/keepalived.conf # preflight.sh saw to it that it is ours
vip=$SLIPWAY_OPTION_VIP

taken() {
    fact REASON vip_not_unique
    fail "$*; nothing was changed"
}

check_free() {
    if holds_address "$vip"; then
        grep -qs "^ *$vip/" "$keepalived_conf" || taken "$vip is an address of this host already"
        say "address: $vip is here now, from an earlier run"
        return
    fi
    mac=$(link_neighbour "$vip" "$SLIPWAY_OPTION_INTERFACE")
    [ -n "$mac" ] || {
        say "address: nobody answers for $vip"
        return
    }
    for node in $SLIPWAY_FACTS_VIP_MAC; do
        if [ "${node#*=}" = "$mac" ]; then
            say "address: $vip is on ${node%%=*} now"
            return
        fi
    done
    taken "another host answers for $vip, with $mac"
}

check_served() {
    for node in $SLIPWAY_FACTS_VIP_ADDRESS; do
        if port_answers "${node#*=}" "$SLIPWAY_OPTION_PORT"; then
            say "port: $SLIPWAY_OPTION_PORT answers on ${node%%=*}"
            return
        fi
        say "note: port $SLIPWAY_OPTION_PORT does not answer on ${node%%=*} (${node#*=})"
    done
    fail "no node serves port $SLIPWAY_OPTION_PORT: the address would be on none; nothing was changed"
}

require_root
fact REASON "" # an earlier attempt's is not this one's
progress 10 "asking who has $vip"
check_free
progress 60 "asking who serves port $SLIPWAY_OPTION_PORT"
check_served
progress 100 "$vip may come here"
