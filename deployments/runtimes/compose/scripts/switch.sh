#!/bin/sh
# Makes the release what runs: without a gap where SLIPWAY_MOVES says so, the rest by Compose, which
# replaces what differs and waits until it is healthy.
set -eu
# shellcheck source=lib.sh
. ./lib.sh
# shellcheck source=beside.sh
. ./beside.sh

for move in $SLIPWAY_MOVES; do
    service=${move#*:*:}
    count=${move#*:}
    count=${count%%:*}
    case $move in
    beside:*) beside "$SLIPWAY_RELEASE" "$service" "$count" || exit 1 ;;
    *) up "$SLIPWAY_RELEASE" --no-deps "$service" ;;
    esac
done
case $SLIPWAY_STRATEGY:$SLIPWAY_MOVES in
rolling:?*)
    # Often nothing is left to start, and waiting for nothing costs half a second at least.
    status=0
    said=$(compose "$SLIPWAY_RELEASE" up --detach --remove-orphans 2>&1) || status=$?
    say "$said"
    [ "$status" = 0 ] || exit 1
    if echo "$said" | grep -q Start || ! settled; then
        up "$SLIPWAY_RELEASE"
    fi
    ;;
rolling:) up "$SLIPWAY_RELEASE" --remove-orphans ;;
*) up "$SLIPWAY_RELEASE" --remove-orphans --force-recreate ;;
esac
ln -sfn "$SLIPWAY_RELEASE" "$SLIPWAY_RELEASES/current"
say "$SLIPWAY_PROJECT runs $SLIPWAY_RELEASE"
tidy
