#!/bin/sh
# Starts the new version of each service in SLIPWAY_GATED beside the old one, without its ports, and
# waits for its health check. The old ones go on serving; a candidate that fails is left to look at.
set -eu
# shellcheck source=lib.sh
. ./lib.sh

health() {
    docker inspect --format '{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{end}}' "$1"
}

for service in $SLIPWAY_GATED; do
    name=$(candidate "$service")
    docker rm -f "$name" >/dev/null 2>&1 || :
    say "starting a candidate of $service"
    compose "$SLIPWAY_RELEASE" run --detach --no-deps --name "$name" "$service" >/dev/null
    waited=0
    while state=$(health "$name" || echo gone); [ "$state" != 'running healthy' ]; do
        if [ "$state" != 'running starting' ]; then
            say "the candidate of $service is $state"
            exit 1
        fi
        if [ "$waited" -ge "$SLIPWAY_WAIT" ]; then
            say "the candidate of $service was not healthy within $SLIPWAY_WAIT s"
            exit 1
        fi
        sleep 1
        waited=$((waited + 1))
    done
    say "the candidate of $service is healthy"
    docker rm -f "$name" >/dev/null
done
