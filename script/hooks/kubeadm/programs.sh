#!/bin/sh
# Puts what the operator brought in its place: packages, programs, CNI plugins. Safe to run again.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"
# shellcheck source=../common/kubernetes.sh
. "$SLIPWAY_HOOKS_DIR/kubernetes.sh"
# shellcheck source=../common/packages.sh
. "$SLIPWAY_HOOKS_DIR/packages.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

packages_of() { # PAIRS: those of them that are packages
    printf '%s\n' "$1" | tr ' ' '\n' | grep '\.deb=' || true
}

install_brought_packages() {
    everything=$SLIPWAY_ARTIFACTS
    SLIPWAY_ARTIFACTS=$(packages_of "$everything")
    install_packages "$node_packages"
    SLIPWAY_ARTIFACTS=$everything
}

install_program() { # NAME FILE [DIRECTORY]
    put_node_file "${3:-/usr/local/bin}/$1" 0755 <"$2"
}

# Every regular file of an archive, by its own name, whatever directory it is in.
install_archive() { # ARCHIVE DIRECTORY
    rm -rf "$work/archive"
    mkdir "$work/archive"
    tar -xzf "$1" --no-same-owner -C "$work/archive"
    find "$work/archive" -type f -perm -0100 >"$work/found"
    [ -s "$work/found" ] || fail "there is no program in an archive for $2"
    while read -r file; do install_program "$(basename "$file")" "$file" "$2"; done <"$work/found"
}

# A node's kubelet is moved to another version by kubeadm upgrade, after draining it; not here.
refuse_upgrade() {
    [ -e "$node_member" ] || return 0
    present=$(kubelet --version) || return 0
    cp "$(artifact '*/kubelet')" "$work/kubelet"
    chmod 0700 "$work/kubelet"
    new=$("$work/kubelet" --version)
    [ "$new" = "$present" ] ||
        fail "this node runs $present, the bundle brings $new: upgrade with kubeadm," \
            "or build the bundle with what runs"
}

check_version() {
    kubeadm=$(kubeadm_version)
    kubelet=$(kubelet --version)
    [ "$kubelet" = "Kubernetes $kubeadm" ] || fail "kubeadm is $kubeadm, kubelet is $kubelet"
    say "programs: kubeadm and kubelet $kubeadm, Kubernetes $(kubernetes_version) to install"
}

require_root
nodes_only
progress 5 "checking artifacts"
check_artifacts
refuse_upgrade
progress 20 "installing packages"
install_brought_packages
progress 50 "installing programs"
for program in kubeadm kubelet kubectl; do
    install_program "$program" "$(artifact "*/$program")"
done
if brought "*/crictl"; then
    install_program crictl "$(artifact "*/crictl")"
else
    install_archive "$(artifact "*/crictl-*.tar.gz")" /usr/local/bin
fi
if brought "*/containerd-[0-9]*.tar.gz"; then
    install_archive "$(artifact "*/containerd-[0-9]*.tar.gz")" /usr/local/bin
fi
runc=$(artifact "*/runc")
[ -n "$runc" ] || runc=$(artifact "*/runc.*")
[ -z "$runc" ] || install_program runc "$runc" /usr/local/sbin
progress 80 "installing CNI plugins"
install_archive "$(artifact "*/cni-plugins-*.tgz")" /opt/cni/bin
put_node_file /etc/crictl.yaml 0644 <<END
runtime-endpoint: $containerd_socket
image-endpoint: $containerd_socket
END
check_version
progress 100 "programs are in place"
