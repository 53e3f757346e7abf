# shellcheck shell=sh
# Shared by the scripts of a Compose release. Inputs, as environment variables:
#   SLIPWAY_PROJECT   the Compose project's name
#   SLIPWAY_RELEASES  the project's directory of releases on this host
#   SLIPWAY_RELEASE   this release's directory in it
#   SLIPWAY_PREVIOUS  the directory of the release that runs now, or empty
#   SLIPWAY_WAIT      seconds a container may take to become healthy

say() { printf '%s\n' "$*"; }

compose() { # DIRECTORY ARGUMENT…
    directory=$1
    shift
    docker compose --ansi never --progress plain -p "$SLIPWAY_PROJECT" -f "$directory/compose.json" "$@"
}

candidate() { printf '%s-candidate-%s' "$SLIPWAY_PROJECT" "$1"; }
