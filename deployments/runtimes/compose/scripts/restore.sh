#!/bin/sh
# Brings back what ran before a release that failed; with nothing before it, takes the failed one away.
set -eu
# shellcheck source=lib.sh
. ./lib.sh

docker ps -aq --filter "name=^/$SLIPWAY_PROJECT-candidate-" | while read -r container; do
    docker rm -f "$container" >/dev/null
done
if [ -n "$SLIPWAY_PREVIOUS" ]; then
    compose "$SLIPWAY_PREVIOUS" up --detach --wait --wait-timeout "$SLIPWAY_WAIT" --remove-orphans
    ln -sfn "$SLIPWAY_PREVIOUS" "$SLIPWAY_RELEASES/current"
    say "$SLIPWAY_PROJECT runs $SLIPWAY_PREVIOUS again"
elif [ -f "$SLIPWAY_RELEASE/compose.json" ]; then
    compose "$SLIPWAY_RELEASE" down --remove-orphans
    say "$SLIPWAY_PROJECT is down: there was no earlier release"
fi
