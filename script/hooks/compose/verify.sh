#!/bin/sh
# Does it work? Compose v2, an engine that answers, and a container that runs, without a network.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"

image=slipway-verify:$$

clean_up() {
    docker image rm --force "$image" >/dev/null 2>&1 || true
}

verify_compose() {
    version=$(docker compose version --short) || fail "there is no docker compose"
    case ${version#v} in
    2.*) say "compose: $version" ;;
    *) fail "Compose v2 is needed, this is $version" ;;
    esac
}

verify_engine() {
    docker version >/dev/null || fail "the engine does not answer"
    docker info --format 'engine: {{.ServerVersion}}, {{.Driver}}, cgroups v{{.CgroupVersion}}'
    systemctl is-enabled --quiet docker.service || fail "docker.service is not enabled"
}

# tini comes with the engine and is statically linked: an image of that one file needs no registry.
verify_container() {
    tar -C /usr/bin -c tini-static |
        docker import --change 'ENTRYPOINT ["/tini-static"]' - "$image" >/dev/null
    output=$(docker run --rm "$image" --version) || fail "a container does not start"
    case $output in
    "tini version "*) say "container: ran, said \"$output\"" ;;
    *) fail "a container ran but said: $output" ;;
    esac
}

require_root
trap clean_up EXIT
progress 10 "verifying Compose"
verify_compose
progress 30 "verifying the engine"
verify_engine
progress 50 "running a container"
verify_container
progress 100 "all verified"
