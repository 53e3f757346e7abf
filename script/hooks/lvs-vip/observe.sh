#!/bin/sh
# Waits until the port answers on the address and the address stays where it is. Who has it looks
# for another that has it too. Fact: HOLDS, whether it is here.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"
# shellcheck source=../common/network.sh
. "$SLIPWAY_HOOKS_DIR/network.sh"

vip=$SLIPWAY_OPTION_VIP
# A node that starts needs two good checks and three adverts that don't come: after that, and a
# second more, nobody takes the address from whoever has it.
calm=7
patience=60

holds() { if holds_address "$vip"; then say yes; else say no; fi; }

wait_until_calm() {
    before=
    since=0
    left=$patience
    while [ "$since" -lt "$calm" ]; do
        [ "$left" -gt 0 ] || fail "the address does not come to rest, or its port does not answer"
        now=$(holds)
        if [ "$now" = "$before" ] && port_answers "$vip" "$SLIPWAY_OPTION_PORT"; then
            since=$((since + 1))
        else
            since=0
        fi
        before=$now
        left=$((left - 1))
        sleep 1
    done
}

# Who else answers for it. With arping, which came with keepalived: the kernel does not ask the link
# for an address of its own. It knows IPv4 only; for IPv6 verify.sh compares what all nodes said.
others() {
    case $vip in
    *:*) ;;
    *) arping -D -c 2 -I "$SLIPWAY_OPTION_INTERFACE" "$vip" | sed -n 's/.*\[\(.*\)\].*/\1/p' ;;
    esac
}

require_alone() {
    mac=$(others)
    [ -n "$mac" ] || return 0
    fact REASON vip_not_unique
    fail "$vip is here, and $mac answers for it too; does something drop IP protocol 112?"
}

require_root
fact REASON "" # an earlier attempt's is not this one's
systemctl is-active --quiet keepalived.service || fail "keepalived does not run"
progress 10 "waiting for $vip to come to rest"
wait_until_calm
[ "$before" = no ] || require_alone
fact HOLDS "$before"
progress 100 "holds $vip: $before"
