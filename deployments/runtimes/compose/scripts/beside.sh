# shellcheck shell=sh
# Replaces a service's containers without a gap: new ones start beside those that serve, and only
# when all are healthy the old ones stop. Which is which is in Compose's own label: the file that a
# container was made from. So all of this can be repeated, whatever an earlier try left behind.

containers() { # SERVICE: its containers, a line each: ID STATE FILE
    docker ps -a --no-trunc --filter "label=com.docker.compose.project=$SLIPWAY_PROJECT" \
        --filter "label=com.docker.compose.service=$1" \
        --filter label=com.docker.compose.oneoff=False \
        --format '{{.ID}} {{.State}} {{.Label "com.docker.compose.project.config_files"}}'
}

# From such lines on stdin, the ids of all, of those that run, and of those made by a release.
ids() { cut -d ' ' -f 1; }
running() { grep -E '^[^ ]+ running ' | ids; }
made_by() { grep -F " $1/compose.json" | ids; } # DIRECTORY

without() { # "IDS" "IDS": the first ones that are not among the second
    for id in $1; do
        case " $(echo "$2" | tr '\n' ' ') " in
        *" $id "*) ;;
        *) echo "$id" ;;
        esac
    done
}

remove() { # ID…
    [ "$#" = 0 ] || docker rm -f "$@" >/dev/null
}

has_data() { # ID…: whether one of them writes to a volume, be it the image's own
    writable='{{range .Mounts}}{{if and .RW (eq .Type "volume")}}volume {{end}}{{end}}'
    [ -n "$(docker inspect --format "$writable" "$@" | tr -d ' \n')" ]
}

cut_off() { # ID…: nobody reaches them any more; they stay to be looked at
    for id; do
        joined=$(docker inspect --format '{{range $name, $_ := .NetworkSettings.Networks}}{{println $name}}{{end}}' "$id")
        for network in $joined; do
            docker network disconnect -f "$network" "$id" || :
        done
    done
}

all_healthy() { # SERVICE ID…
    for id in $2; do
        await_health "$id" "a new container of $1" || return 1
    done
}

beside() { # DIRECTORY SERVICE COUNT: false, and the old ones still there, when that fails
    found=$(containers "$2")
    serving=$(echo "$found" | running)
    old=$(without "$serving" "$(echo "$found" | made_by "$1")")
    if [ -z "$old" ]; then
        return 0 # nobody serves: Compose starts it like any other
    fi
    # shellcheck disable=SC2086 # lists of ids, here and below
    if has_data $old; then
        say "$2 writes to a volume: it is replaced in place"
        return 0
    fi
    # shellcheck disable=SC2046
    remove $(without "$(echo "$found" | ids)" "$serving") || return 1
    many=$(echo "$old" | wc -l)
    say "starting $2 beside the $many that serve"
    compose "$1" up --detach --no-deps --no-recreate --scale "$2=$((many + $3))" "$2" || return 1
    new=$(without "$(containers "$2" | ids)" "$old")
    if ! all_healthy "$2" "$new"; then
        # shellcheck disable=SC2086
        cut_off $new
        return 1
    fi
    # shellcheck disable=SC2086
    docker stop $old >/dev/null || return 1
    # shellcheck disable=SC2086
    remove $old || return 1
    say "$2 is replaced"
}
