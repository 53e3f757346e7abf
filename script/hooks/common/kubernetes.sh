# shellcheck shell=sh
# What the hooks of Kubernetes nodes share. Sourced after lib.sh.

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# shellcheck disable=SC2034  # for the hooks that source this
admin_conf=/etc/kubernetes/admin.conf
# shellcheck disable=SC2034
containerd_socket=unix:///run/containerd/containerd.sock

# What was added to the host: packages by name, files by path. (state_dir: lib.sh)
# shellcheck disable=SC2034,SC2154
node_packages=$state_dir/kubernetes-packages
node_files=$state_dir/kubernetes-files
# There since kubeadm was begun with; and once it is through, the cluster's CA hash and settings.
# shellcheck disable=SC2034
node_begun=$state_dir/kubernetes-begun
# shellcheck disable=SC2034
node_member=$state_dir/kubernetes-member

skip() { # TEXT…
    progress 100 "$*"
    exit 0
}

# A load balancer belongs to the environment, and not to the cluster.
nodes_only() {
    [ "$SLIPWAY_NODE_ROLE" != lb ] || skip "a load balancer: nothing to do here"
}

# The file of the first artifact that matches PATTERN (of `case`); nothing where none does.
artifact() { # PATTERN
    for entry in $SLIPWAY_ARTIFACTS; do
        # shellcheck disable=SC2254  # a pattern, as it says
        case ${entry%=*} in
        $1)
            printf '%s\n' "$SLIPWAY_ARTIFACT_DIR/${entry##*=}"
            return
            ;;
        esac
    done
}

# Was an artifact brought that matches one of the patterns?
brought() { # PATTERN…
    for wanted in "$@"; do
        [ -z "$(artifact "$wanted")" ] || return 0
    done
    return 1
}

remember_file() { # PATH
    grep -qxsF "$1" "$node_files" && return
    mkdir -p "$state_dir"
    printf '%s\n' "$1" >>"$node_files"
}

# Puts standard input at PATH, for uninstall to remove. A file that was there before stays a
# stranger's: its first state is kept, and put back by uninstall. CHANGED says whether it changed
# (not from a pipe: its end is a shell of its own).
put_node_file() { # PATH MODE
    kept=$state_dir/kubernetes-kept/$1
    if [ -e "$1" ] && ! grep -qxsF "$1" "$node_files" && [ ! -e "$kept" ]; then
        mkdir -p "$(dirname "$kept")"
        cp -p "$1" "$kept"
    fi
    remember_file "$1"
    put_file "$1.new" "$2"
    if cmp -s "$1.new" "$1"; then
        rm "$1.new"
        return
    fi
    mv "$1.new" "$1"
    # shellcheck disable=SC2034
    changed=yes
}

kubeadm_version() { kubeadm version -o short; }

# Of the control plane: what was asked for, else that of the kubeadm that was brought.
kubernetes_version() {
    version=${SLIPWAY_OPTION_KUBERNETES_VERSION:-$(kubeadm_version)}
    printf 'v%s\n' "${version#v}"
}

# The newest form of configuration that this kubeadm reads.
kubeadm_api() {
    minor=$(kubeadm_version | cut -d. -f2)
    [ "$minor" -ge 22 ] || fail "kubeadm 1.22 or newer is needed, this is $(kubeadm_version)"
    if [ "$minor" -ge 31 ]; then printf 'v1beta4\n'; else printf 'v1beta3\n'; fi
}

# The address under which Slipway knows this node, if it is one of the host's own; else nothing, and
# the default route's decides.
own_address() {
    for address in $(getent ahosts "$SLIPWAY_NODE_ADDRESS" | awk '!seen[$1]++ {print $1}'); do
        if [ -n "$(ip -o address show to "$address" 2>/dev/null)" ]; then
            printf '%s\n' "$address"
            return
        fi
    done
}

# Pods keep off control planes, unless they are wanted there.
control_plane_taints() {
    if [ "$SLIPWAY_OPTION_PODS_ON_CONTROL_PLANES" = true ]; then
        printf '[]\n'
    else
        printf '[{key: node-role.kubernetes.io/control-plane, effect: NoSchedule}]\n'
    fi
}

# Undoes what kubeadm did to this node, wholly or in part.
reset_node() {
    timeout 300 kubeadm reset --force --cri-socket "$containerd_socket"
}

# Runs kubeadm for SLIPWAY_OPTION_KUBEADM_SECONDS at most; 1 when it fails, with what the kubelet
# had to say. Its output is also in OUTPUT.
run_kubeadm() { # OUTPUT ARGUMENT…
    output=$1
    shift
    {
        code=0
        timeout "$SLIPWAY_OPTION_KUBEADM_SECONDS" kubeadm "$@" || code=$?
        printf '%s' "$code" >"$output.code"
    } 2>&1 | tee "$output"
    code=$(cat "$output.code")
    [ "$code" -ne 0 ] || return 0
    if [ "$code" -eq 124 ]; then
        say "kubeadm was not through after $SLIPWAY_OPTION_KUBEADM_SECONDS seconds"
    else
        say "kubeadm exited with $code"
    fi
    say "the kubelet's last words:"
    journalctl --no-pager --lines 20 --unit kubelet.service 2>/dev/null || true
    say "the node's containers:"
    timeout 20 crictl ps --all 2>/dev/null || true
    return 1
}
