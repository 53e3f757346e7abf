#!/bin/sh
# What other nodes join with: a token, and the key to the control planes' certificates; both good
# for two hours. Each run makes new ones.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"
# shellcheck source=../common/kubernetes.sh
. "$SLIPWAY_HOOKS_DIR/kubernetes.sh"
# shellcheck source=../common/kubeadm.sh
. "$SLIPWAY_HOOKS_DIR/kubeadm.sh"

# The word that follows NAME in `kubeadm join HOST:PORT --token … --discovery-token-ca-cert-hash …`
word_after() { # NAME
    printf '%s\n' "$join" | awk -v name="$1" '{for (i = 1; i < NF; i++) if ($i == name) print $(i + 1)}'
}

# Neither is in the arguments of a program, where everybody on the host could read it.
upload_certificates() {
    certificate_key=$(kubeadm certs certificate-key)
    init_configuration "$certificate_key" >"$work/certificates.yaml"
    kubeadm init phase upload-certs --upload-certs --skip-certificate-key-print \
        --config "$work/certificates.yaml"
    secret_fact CERTIFICATE_KEY "$certificate_key"
}

require_root
case " $SLIPWAY_PEERS" in
*=control_plane=* | *=worker=*) ;;
*) skip "no other node is to join" ;;
esac
join=$(kubeadm token create --ttl 2h --description "Slipway's nodes" --print-join-command)
token=$(word_after --token)
[ -n "$token" ] || fail "kubeadm printed no token"
secret_fact JOIN_TOKEN "$token"
fact API_ENDPOINT "$(word_after join)"
fact CA_CERT_HASH "$(word_after --discovery-token-ca-cert-hash)"
case " $SLIPWAY_PEERS" in
*=control_plane=*) upload_certificates ;;
esac
progress 100 "nodes can join"
