# shellcheck shell=sh
# kubeadm's configuration, rendered. Sourced after kubernetes.sh.

# Readable by root alone, gone with the hook: what is in there may be secret.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Of the API's certificate, beside those that kubeadm adds: what Slipway and the endpoint go by.
certificate_names() {
    names="\"$SLIPWAY_NODE_ADDRESS\""
    for name in $(printf '%s' "$SLIPWAY_OPTION_CERTIFICATE_NAMES" | tr ',' ' '); do
        names="$names, \"$name\""
    done
    printf '%s\n' "$names"
}

# For `kubeadm init`, and its phases. With a key, to encrypt the certificates that are uploaded.
init_configuration() { # CERTIFICATE_KEY
    (
        CERTIFICATE_KEY=$1
        KUBEADM_API=$(kubeadm_api)
        KUBERNETES_VERSION=$(kubernetes_version)
        ADVERTISE_ADDRESS=$(own_address)
        TAINTS=$(control_plane_taints)
        CERTIFICATE_NAMES=$(certificate_names)
        export CERTIFICATE_KEY KUBEADM_API KUBERNETES_VERSION ADVERTISE_ADDRESS TAINTS \
            CERTIFICATE_NAMES
        render "$SLIPWAY_HOOKS_DIR/kubeadm-init.yaml"
    )
}

# For `kubeadm join`, as the node's role has it.
join_configuration() {
    (
        TAINTS='[]'
        CONTROL_PLANE=null
        if [ "$SLIPWAY_NODE_ROLE" = control_plane ]; then
            TAINTS=$(control_plane_taints)
            # shellcheck disable=SC2089  # YAML's quotes
            CONTROL_PLANE="{localAPIEndpoint: {advertiseAddress: \"$(own_address)\"},"
            CONTROL_PLANE="$CONTROL_PLANE certificateKey: \"$SLIPWAY_FACT_CERTIFICATE_KEY\"}"
        fi
        KUBEADM_API=$(kubeadm_api)
        API_ENDPOINT=$SLIPWAY_FACT_API_ENDPOINT
        JOIN_TOKEN=$SLIPWAY_FACT_JOIN_TOKEN
        CA_CERT_HASH=$SLIPWAY_FACT_CA_CERT_HASH
        # shellcheck disable=SC2090
        export TAINTS CONTROL_PLANE KUBEADM_API API_ENDPOINT JOIN_TOKEN CA_CERT_HASH
        render "$SLIPWAY_HOOKS_DIR/kubeadm-join.yaml"
    )
}
