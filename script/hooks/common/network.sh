# shellcheck shell=sh
# Addresses and ports, with what every Debian host has: iproute2 and bash. Sourced after lib.sh.

# Does something accept connections there?
port_answers() { # ADDRESS PORT
    # shellcheck disable=SC2016 # bash's to expand
    timeout 2 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>/dev/null
}

# Is the address on one of this host's interfaces now?
holds_address() { # ADDRESS
    [ -n "$(ip -o address show to "$1")" ]
}

# The hardware address that answers for ADDRESS on the link, or nothing when none does. Takes up to
# four seconds: the kernel asks three times.
link_neighbour() { # ADDRESS INTERFACE
    ip neighbour flush to "$1" dev "$2" 2>/dev/null || true
    # A datagram to the discard port is as good as any to make the kernel ask.
    # shellcheck disable=SC2016 # bash's to expand
    bash -c 'echo >"/dev/udp/$0/9"' "$1" 2>/dev/null || true
    asked=0
    while [ "$asked" -lt 8 ]; do
        known=$(ip neighbour show to "$1" dev "$2" | sed -n 's/.* lladdr \([0-9a-f:]*\).*/\1/p')
        [ -z "$known" ] || break
        asked=$((asked + 1))
        sleep 0.5
    done
    printf '%s' "$known"
}
