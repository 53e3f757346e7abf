#!/bin/sh
# Brings back what ran before a release that failed; with nothing before it, takes the failed one
# away. Where the switch never began, only candidates go: what runs there is nobody's business.
set -eu
# shellcheck source=lib.sh
. ./lib.sh
# shellcheck source=beside.sh
. ./beside.sh

# Unless the new ones alone serve by now, they go at once; else they are what is replaced.
step_back() { # SERVICE COUNT
    found=$(containers "$1")
    new=$(echo "$found" | made_by "$SLIPWAY_RELEASE")
    serving=$(echo "$found" | running)
    if [ -n "$(without "$serving" "$new")" ] || [ -z "$serving" ]; then
        # shellcheck disable=SC2086 # a list of ids
        remove $new
    else
        beside "$SLIPWAY_PREVIOUS" "$1" "$2" || say "$1 is restored in place"
    fi
}

left=60 # half seconds, for the daemon of a host that has just come up again
until docker version >/dev/null 2>&1 || [ "$left" = 0 ]; do
    sleep 0.5
    left=$((left - 1))
done
docker ps -aq --filter "name=^/$SLIPWAY_PROJECT-candidate-" | while read -r container; do
    remove "$container"
done
if [ -z "$SLIPWAY_SWITCHED" ]; then
    say "$SLIPWAY_PROJECT was not touched"
elif [ -n "$SLIPWAY_PREVIOUS" ]; then
    for move in $SLIPWAY_MOVES; do
        count=${move#*:}
        case $move in
        beside:*) step_back "${move#*:*:}" "${count%%:*}" ;;
        esac
    done
    up "$SLIPWAY_PREVIOUS" --remove-orphans
    ln -sfn "$SLIPWAY_PREVIOUS" "$SLIPWAY_RELEASES/current"
    say "$SLIPWAY_PROJECT runs $SLIPWAY_PREVIOUS again"
elif [ -f "$SLIPWAY_RELEASE/compose.json" ]; then
    compose "$SLIPWAY_RELEASE" down --remove-orphans
    say "$SLIPWAY_PROJECT is down: there was no earlier release"
fi
