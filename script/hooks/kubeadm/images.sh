#!/bin/sh
# Gives containerd the images that were brought, and sees that none is missing. Safe to run again.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"
# shellcheck source=../common/kubernetes.sh
. "$SLIPWAY_HOOKS_DIR/kubernetes.sh"

import_image() { # PATH FILE
    case $1 in
    images/*) ;;
    *) return 0 ;;
    esac
    say "importing ${1##*/}"
    case $1 in
    *.gz | *.tgz) gzip -dc "$2" | ctr --namespace k8s.io images import - ;;
    *.zst) zstd -dc "$2" | ctr --namespace k8s.io images import - ;;
    *.xz) xz -dc "$2" | ctr --namespace k8s.io images import - ;;
    *) ctr --namespace k8s.io images import "$2" ;;
    esac
}

# What kubeadm will ask for, and no host could fetch.
check_complete() {
    needed=$(kubeadm config images list --kubernetes-version "$(kubernetes_version)" \
        --image-repository "$SLIPWAY_OPTION_IMAGE_REPOSITORY")
    present=$(ctr --namespace k8s.io images list --quiet)
    missing=
    for image in $needed; do
        printf '%s\n' "$present" | grep -qxF "$image" || missing="$missing $image"
    done
    [ -z "$missing" ] || fail "no image archive brought what kubeadm needs:$missing"
}

require_root
nodes_only
progress 5 "importing images"
each_artifact import_image
progress 90 "checking images"
check_complete
progress 100 "$(ctr --namespace k8s.io images list --quiet | grep -vc '^sha256:') images are there"
