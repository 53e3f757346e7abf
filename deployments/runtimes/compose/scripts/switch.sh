#!/bin/sh
# Makes the release what runs: Compose replaces what differs, and waits until it is healthy.
set -eu
# shellcheck source=lib.sh
. ./lib.sh

recreate=
[ "$SLIPWAY_STRATEGY" = rolling ] || recreate=--force-recreate
# shellcheck disable=SC2086 # an empty word is no argument
compose "$SLIPWAY_RELEASE" up --detach --wait --wait-timeout "$SLIPWAY_WAIT" --remove-orphans $recreate
ln -sfn "$SLIPWAY_RELEASE" "$SLIPWAY_RELEASES/current"
say "$SLIPWAY_PROJECT runs $SLIPWAY_RELEASE"
