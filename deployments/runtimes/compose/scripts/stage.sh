#!/bin/sh
# Brings a release's files to the host and fetches what images it lacks. Nothing that runs changes.
set -eu
# shellcheck source=lib.sh
. ./lib.sh

umask 077
mkdir -p "$SLIPWAY_RELEASE"
cp compose.json "$SLIPWAY_RELEASE/compose.json.part"
mv "$SLIPWAY_RELEASE/compose.json.part" "$SLIPWAY_RELEASE/compose.json"
compose "$SLIPWAY_RELEASE" config --quiet
compose "$SLIPWAY_RELEASE" config --images | sort -u | while read -r image; do
    if docker image inspect "$image" >/dev/null 2>&1; then
        say "image here: $image"
    else
        say "pulling $image"
        docker pull --quiet "$image"
    fi
done
say "staged in $SLIPWAY_RELEASE"
