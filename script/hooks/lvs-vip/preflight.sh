#!/bin/sh
# Can this node take part in moving the address? Looks at everything, changes nothing.
# Facts: VIP_ADDRESS, this node's own address beside the virtual one, and VIP_MAC.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"
# shellcheck source=../common/packages.sh
. "$SLIPWAY_HOOKS_DIR/packages.sh"
# shellcheck source=../common/network.sh
. "$SLIPWAY_HOOKS_DIR/network.sh"

keepalived_conf=/etc/keepalived/keepalived.conf
recorded=$state_dir/keepalived.sha256 # of what configure.sh put there
vip=$SLIPWAY_OPTION_VIP
interface=$SLIPWAY_OPTION_INTERFACE
mode=$SLIPWAY_OPTION_MODE

problems=0
problem() {
    say "problem: $*"
    problems=$((problems + 1))
}

check_options() {
    for value in "$vip" "$interface" "$mode" "$SLIPWAY_OPTION_PORT" "$SLIPWAY_OPTION_NODES"; do
        [ -n "$value" ] || fail "vip, interface, mode, port and nodes are needed"
    done
}

check_system() {
    [ -d /run/systemd/system ] || problem "systemd does not run this host"
    for program in ip bash timeout; do
        command -v "$program" >/dev/null || problem "there is no $program"
    done
    disk=$(df -Pm /var/lib | awk 'NR == 2 {print $4}')
    [ "$disk" -ge "$SLIPWAY_REQUIRES_DISK_MB" ] ||
        problem "$SLIPWAY_REQUIRES_DISK_MB MB free in /var/lib are needed, there are $disk"
    for package in $(half_installed_packages); do
        grep -qxs "$package" "$state_dir/lvs-vip-packages" ||
            problem "$package is half installed; repair it with: dpkg --configure -a"
    done
}

check_interface() {
    if [ ! -d "/sys/class/net/$interface" ]; then
        problem "there is no interface $interface"
        ip -brief address
        return
    fi
    case $(cat "/sys/class/net/$interface/operstate") in
    up | unknown) ;;
    *) problem "$interface is down" ;;
    esac
    own=$(own_address)
    if [ -z "$own" ]; then
        problem "$vip is in no network of $interface"
    elif [ "$own" = "$vip" ]; then
        problem "$vip is this host's own address"
    else
        say "interface: $interface, $own"
        fact VIP_ADDRESS "$own"
        fact VIP_MAC "$(cat "/sys/class/net/$interface/address")"
    fi
}

# The source of what goes to the address by way of the interface, without a gateway.
own_address() {
    case $vip in *:*) family=-6 ;; *) family=-4 ;; esac
    route=$(ip "$family" route show match "$vip" dev "$interface" |
        grep -v -e '^default' -e ' via ' | tail -n 1)
    [ -n "$route" ] || return 0
    source=$(printf '%s\n' "$route" | sed -n 's/.* src \([^ ]*\).*/\1/p')
    [ -n "$source" ] || source=$(ip -o "$family" address show dev "$interface" scope global |
        awk -v vip="$vip" '{sub("/.*", "", $4)} $4 != vip {print $4; exit}')
    printf '%s' "$source"
}

check_keepalived() {
    [ -e "$keepalived_conf" ] || return 0
    grep -qxFs "$(sha256sum <"$keepalived_conf")" "$recorded" ||
        problem "$keepalived_conf has settings that Slipway did not make; remove it first"
}

check_ipvs() {
    [ "$mode" = lvs ] || return 0
    if [ -e /proc/net/ip_vs ] || modprobe --dry-run --quiet ip_vs 2>/dev/null; then
        say "ipvs: the kernel $(uname -r) has it"
    else
        fact REASON ipvs_unavailable
        problem "the kernel $(uname -r) has no IPVS (module ip_vs); mode vip does not need it"
    fi
}

require_root
fact REASON "" # an earlier attempt's is not this one's
check_options
check_system
check_interface
check_keepalived
check_ipvs
[ "$problems" -eq 0 ] || fail "$problems problem(s): nothing was changed"
progress 100 "ready for $vip on $interface"
