#!/bin/sh
# Brings a release's files to the host and fetches what images it lacks. Nothing that runs changes.
set -eu
# shellcheck source=lib.sh
. ./lib.sh

umask 077
mkdir -p "$SLIPWAY_RELEASE"
for file in variables compose.json; do
    [ -e "$file" ] || continue
    cp "$file" "$SLIPWAY_RELEASE/$file.part"
    mv "$SLIPWAY_RELEASE/$file.part" "$SLIPWAY_RELEASE/$file"
done
for image in $SLIPWAY_IMAGES; do
    if docker image inspect "$image" >/dev/null 2>&1; then
        say "image here: $image"
    else
        say "pulling $image"
        docker pull --quiet "$image"
    fi
done
say "staged in $SLIPWAY_RELEASE"
