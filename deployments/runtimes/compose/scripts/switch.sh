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
recreate=
[ "$SLIPWAY_STRATEGY" = rolling ] || recreate=--force-recreate
# shellcheck disable=SC2086 # an empty word is no argument
up "$SLIPWAY_RELEASE" --remove-orphans $recreate
ln -sfn "$SLIPWAY_RELEASE" "$SLIPWAY_RELEASES/current"
say "$SLIPWAY_PROJECT runs $SLIPWAY_RELEASE"
tidy
