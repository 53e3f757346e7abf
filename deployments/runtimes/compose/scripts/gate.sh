#!/bin/sh
# Starts the new version of each service in SLIPWAY_GATED beside the old one, without its ports, and
# waits for its health check. The old ones go on serving; a candidate that fails is left to look at.
set -eu
# shellcheck source=lib.sh
. ./lib.sh

for service in $SLIPWAY_GATED; do
    name=$(candidate "$service")
    docker rm -f "$name" >/dev/null 2>&1 || :
    say "starting a candidate of $service"
    compose "$SLIPWAY_RELEASE" run --detach --no-deps --name "$name" "$service" >/dev/null
    await_health "$name" "the candidate of $service"
    docker rm -f "$name" >/dev/null
done
