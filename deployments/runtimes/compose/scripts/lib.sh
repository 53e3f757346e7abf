# shellcheck shell=sh
# Shared by the scripts of a Compose release. Inputs, as environment variables:
#   SLIPWAY_PROJECT   the Compose project's name
#   SLIPWAY_RELEASES  the project's directory of releases on this host
#   SLIPWAY_RELEASE   this release's directory in it
#   SLIPWAY_PREVIOUS  the directory of the release that runs now, or empty
#   SLIPWAY_WAIT      seconds a container may take to become healthy
#   SLIPWAY_STRATEGY  rolling | recreate
#   SLIPWAY_IMAGES    its images
#   SLIPWAY_GATED     services whose new version proves itself before it takes the old one's place
#   SLIPWAY_MOVES     "HOW:COUNT:SERVICE …", in order, before Compose does the rest. HOW is beside,
#                     or up: recreated in place, because a later one depends on it
#   SLIPWAY_SWITCHED  not empty where the switch began on this host

say() { printf '%s\n' "$*"; }

compose() { # DIRECTORY ARGUMENT…
    directory=$1
    shift
    (
        # shellcheck disable=SC1091 # what containers get as files, for Compose to read
        [ ! -e "$directory/variables" ] || . "$directory/variables"
        exec docker compose --ansi never --progress plain -p "$SLIPWAY_PROJECT" \
            -f "$directory/compose.json" "$@"
    )
}

up() { # DIRECTORY ARGUMENT…
    from=$1
    shift
    compose "$from" up --detach --wait --wait-timeout "$SLIPWAY_WAIT" "$@"
}

settled() { # whether all containers of the project run, and none is about to say how it is
    ! docker ps -a --filter "label=com.docker.compose.project=$SLIPWAY_PROJECT" \
        --format '{{.State}} {{.Status}}' | grep -q -v -e '^running .*(healthy)' -e '^running [^(]*$'
}

candidate() { printf '%s-candidate-%s' "$SLIPWAY_PROJECT" "$1"; }

await_health() { # CONTAINER NAME: false, and said why, unless it gets healthy in time
    began=$(cut -d . -f 1 /proc/uptime)
    form='{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{end}}'
    while state=$(docker inspect --format "$form" "$1" || echo gone); do
        case $state in
        'running healthy')
            say "$2 is healthy"
            return 0
            ;;
        'running starting') ;;
        *)
            say "$2 is $state"
            return 1
            ;;
        esac
        if [ "$(($(cut -d . -f 1 /proc/uptime) - began))" -ge "$SLIPWAY_WAIT" ]; then
            say "$2 was not healthy within $SLIPWAY_WAIT s"
            return 1
        fi
        sleep 0.2
    done
}

tidy() { # what runs, what ran before and the three newest stay
    (cd "$SLIPWAY_RELEASES" && ls -1t) | grep -vx current | tail -n +4 | while read -r name; do
        case $SLIPWAY_RELEASES/$name in
        "$SLIPWAY_RELEASE" | "$SLIPWAY_PREVIOUS") ;;
        *) rm -rf "${SLIPWAY_RELEASES:?}/$name" ;;
        esac
    done
}
