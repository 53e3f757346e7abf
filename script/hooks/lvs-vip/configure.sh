#!/bin/sh
# Renders keepalived's configuration, has keepalived check it, and restarts it if it is another.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"

keepalived_conf=/etc/keepalived/keepalived.conf
service_conf=/etc/systemd/system/keepalived.service.d/slipway.conf
lvs_conf=/etc/systemd/system/keepalived.service.d/slipway-lvs.conf
recorded=$state_dir/keepalived.sha256
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

template() { # NAME
    render "$SLIPWAY_HOOKS_DIR/$1"
}

# The first of the option's nodes has the highest priority, so the address returns to it.
set_priority() {
    PRIORITY=250
    for name in $SLIPWAY_OPTION_NODES; do
        [ "$name" != "$SLIPWAY_NODE_NAME" ] || return 0
        PRIORITY=$((PRIORITY - 20))
    done
    fail "$SLIPWAY_NODE_NAME is none of: $SLIPWAY_OPTION_NODES"
}

set_peers() {
    PEERS=
    for node in $SLIPWAY_FACTS_VIP_ADDRESS; do
        [ "${node%%=*}" = "$SLIPWAY_NODE_NAME" ] || PEERS="$PEERS        ${node#*=}
"
    done
    PEERS=${PEERS%?}
    [ -n "$PEERS" ] || fail "no other node said what its address is"
}

set_address() {
    case $SLIPWAY_OPTION_VIP in
    *:*) length=128 IPTABLES=ip6tables FORWARDING=net.ipv6.conf.all.forwarding ;;
    *) length=32 IPTABLES=iptables FORWARDING=net.ipv4.ip_forward ;;
    esac
    ADDRESS=$SLIPWAY_OPTION_VIP/$length
    # The same on every node, and another for another address.
    ROUTER=$(($(printf '%s' "$SLIPWAY_OPTION_VIP" | cksum | cut -d ' ' -f 1) % 255 + 1))
    RULE="POSTROUTING --table nat --match ipvs --vaddr $ADDRESS --vport $SLIPWAY_OPTION_PORT"
    RULE="$RULE --jump MASQUERADE"
}

# Mode vip: the address is where the port answers. Mode lvs: it is where a director is, who asks
# the port of every node.
set_health() {
    CHECK='' TRACK='' SERVERS=''
    if [ "$SLIPWAY_OPTION_MODE" = vip ]; then
        CHECK=$(template keepalived-check.conf)
        TRACK='track_script { port }'
        return
    fi
    REAL_SERVERS=
    for node in $SLIPWAY_FACTS_VIP_ADDRESS; do
        REAL_SERVERS="$REAL_SERVERS$(SERVER=${node#*=} template keepalived-server.conf)
"
    done
    REAL_SERVERS=${REAL_SERVERS%?}
    export REAL_SERVERS
    SERVERS=$(template keepalived-servers.conf)
}

render_all() {
    set_priority
    set_peers
    set_address
    set_health
    export PRIORITY PEERS ADDRESS ROUTER CHECK TRACK SERVERS IPTABLES FORWARDING RULE
    template keepalived.conf >"$fresh/keepalived.conf"
    template keepalived-service.conf >"$fresh/service"
    [ "$SLIPWAY_OPTION_MODE" = vip ] || template keepalived-service-lvs.conf >"$fresh/lvs"
}

check() {
    sed 's/^/    /' "$fresh/keepalived.conf"
    user=nobody
    case $(keepalived --version 2>&1) in
    # Debian 12's ends itself by SIGTERM while it checks for a user other than root.
    *"Keepalived v2.2."*) user=root ;;
    esac
    sed "s/script_user nobody/script_user $user/" "$fresh/keepalived.conf" >"$fresh/to-check"
    keepalived -t -f "$fresh/to-check" ||
        fail "keepalived does not take this configuration; nothing was changed"
    say "keepalived takes this configuration"
}

need_ipvs() {
    [ "$SLIPWAY_OPTION_MODE" = lvs ] || return 0
    [ -e /proc/net/ip_vs ] || modprobe ip_vs || {
        fact REASON ipvs_unavailable
        fail "the kernel has no IPVS; nothing was changed"
    }
}

refuse_others() {
    [ -e "$keepalived_conf" ] || return 0
    grep -qxFs "$(sha256sum <"$keepalived_conf")" "$recorded" ||
        fail "$keepalived_conf has settings that Slipway did not make; remove it first"
}

same() { # FRESH PATH
    if [ -e "$1" ]; then cmp -s "$1" "$2"; else [ ! -e "$2" ]; fi
}

put() { # FRESH PATH
    if [ -e "$1" ]; then
        put_file "$2" 0644 <"$1"
    else
        rm -f "$2"
    fi
}

put_in_place() {
    put "$fresh/service" "$service_conf"
    put "$fresh/lvs" "$lvs_conf"
    # Before it is there: who comes after an interruption must know either as ours.
    mkdir -p "$state_dir"
    sha256sum <"$fresh/keepalived.conf" >>"$recorded"
    put "$fresh/keepalived.conf" "$keepalived_conf"
    sha256sum <"$keepalived_conf" | put_file "$recorded" 0600
}

start() {
    systemctl enable --quiet keepalived.service
    if same "$fresh/keepalived.conf" "$keepalived_conf" && same "$fresh/service" "$service_conf" &&
        same "$fresh/lvs" "$lvs_conf" && systemctl is-active --quiet keepalived.service; then
        say "nothing to change"
        return
    fi
    # What the last configuration brought goes by its own rules, before they are replaced.
    systemctl stop keepalived.service
    put_in_place
    systemctl daemon-reload
    systemctl start keepalived.service || {
        journalctl --no-pager --lines 30 --unit keepalived.service || true
        fail "keepalived does not start"
    }
}

require_root
fact REASON "" # an earlier attempt's is not this one's
progress 10 "rendering"
render_all
progress 30 "checking the configuration"
check
need_ipvs
refuse_others
progress 60 "starting keepalived"
start
progress 100 "keepalived runs, priority $PRIORITY"
