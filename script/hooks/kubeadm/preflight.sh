#!/bin/sh
# Can this host become a Kubernetes node? Looks at everything, changes nothing.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"
# shellcheck source=../common/kubernetes.sh
. "$SLIPWAY_HOOKS_DIR/kubernetes.sh"
# shellcheck source=../common/packages.sh
. "$SLIPWAY_HOOKS_DIR/packages.sh"

problems=0
problem() {
    say "problem: $*"
    problems=$((problems + 1))
}

is_control_plane() { [ "$SLIPWAY_NODE_ROLE" = control_plane ]; }

check_brought() {
    for program in kubeadm kubelet kubectl; do
        brought "*/$program" || problem "the bundle was built without $program"
    done
    brought "*/crictl" "*/crictl-*.tar.gz" || problem "the bundle was built without crictl"
    brought "*/cni-plugins-*.tgz" || problem "the bundle was built without cni-plugins-….tgz"
    brought "*/containerd-[0-9]*.tar.gz" "*/containerd_*.deb" "*/containerd.io_*.deb" ||
        problem "the bundle was built without containerd"
    brought "*/runc" "*/runc.*" "*/runc_*.deb" "*/containerd.io_*.deb" ||
        problem "the bundle was built without runc"
    brought "images/*" || problem "the bundle was built without image archives (images/)"
    case $SLIPWAY_OPTION_NETWORK in
    none) ;;
    "")
        manifests=$(printf '%s\n' "$SLIPWAY_ARTIFACTS" | tr ' ' '\n' | grep -c '/cni/.*\.yaml=') || true
        [ "$manifests" -eq 1 ] ||
            problem "the bundle was built with $manifests manifests in cni/: name one (network)"
        ;;
    *)
        brought "*/cni/$SLIPWAY_OPTION_NETWORK.yaml" ||
            problem "the bundle was built without cni/$SLIPWAY_OPTION_NETWORK.yaml"
        ;;
    esac
}

# What kubeadm, the kubelet and kube-proxy call.
check_programs() {
    for pair in conntrack=conntrack iptables=iptables ip=iproute2 mount=mount nsenter=util-linux \
        tar=tar gzip=gzip; do
        command -v "${pair%=*}" >/dev/null || brought "*/${pair#*=}_*.deb" ||
            problem "there is no ${pair%=*}: bring the package ${pair#*=}, or install it"
    done
    for program in socat ebtables ethtool; do
        command -v "$program" >/dev/null || brought "*/${program}_*.deb" ||
            say "note: there is no $program; some features of Kubernetes need it"
    done
}

check_system() {
    [ -d /run/systemd/system ] || problem "systemd does not run this host"
    command -v dpkg >/dev/null || problem "there is no dpkg: not a Debian host"
    say "system: $(uname -sr), $(nproc) processors"
    printf '%s\n' "$SLIPWAY_NODE_NAME" | grep -qxE '[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?' ||
        problem "Kubernetes takes no node named $SLIPWAY_NODE_NAME:" \
            "small letters, digits, dashes and dots"
    for package in $(half_installed_packages); do
        grep -qxs "$package" "$node_packages" ||
            problem "$package is half installed; repair it with: dpkg --configure -a"
    done
}

check_resources() {
    memory=$(awk '/^MemTotal:/ {print int($2 / 1024)}' /proc/meminfo)
    disk=$(df -Pm /var/lib | awk 'NR == 2 {print $4}')
    say "resources: $memory MB of memory, $disk MB free in /var/lib"
    needed=$SLIPWAY_REQUIRES_MEMORY_MB
    # What kubeadm asks of a control plane.
    ! is_control_plane || [ "$needed" -ge 1700 ] || needed=1700
    [ "$memory" -ge "$needed" ] || problem "$needed MB of memory are needed, there are $memory"
    [ "$disk" -ge "$SLIPWAY_REQUIRES_DISK_MB" ] ||
        problem "$SLIPWAY_REQUIRES_DISK_MB MB free in /var/lib are needed, there are $disk"
    ! is_control_plane || [ "$(nproc)" -ge 2 ] ||
        problem "a control plane needs 2 processors, there is $(nproc)"
    [ "$(wc -l </proc/swaps)" -le 1 ] ||
        problem "swap is on: swapoff --all, and take it out of /etc/fstab"
}

check_kernel() {
    if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
        controllers=$(cat /sys/fs/cgroup/cgroup.controllers)
        say "cgroups: version 2 ($controllers)"
    else
        controllers=$(awk '$4 == 1 {print $1}' /proc/cgroups | tr '\n' ' ')
        say "cgroups: version 1 ($controllers)"
        say "note: Kubernetes 1.35 and newer wants cgroups version 2"
    fi
    for controller in cpu cpuset memory pids; do
        case " $controllers " in
        *" $controller "*) ;;
        *) problem "the kernel has no cgroup controller $controller" ;;
        esac
    done
    # modprobe --dry-run loads nothing.
    grep -qw overlay /proc/filesystems || modprobe --dry-run overlay 2>/dev/null ||
        problem "the kernel has no overlay filesystem"
    [ -d /proc/sys/net/bridge ] || modprobe --dry-run br_netfilter 2>/dev/null ||
        problem "the kernel has no module br_netfilter"
}

# A host that an earlier run began with is ours; anything else that is here is somebody's.
check_strangers() {
    [ ! -e "$node_begun" ] || return 0
    for file in kubelet.conf admin.conf manifests/kube-apiserver.yaml; do
        [ ! -e "/etc/kubernetes/$file" ] ||
            problem "this is a node of some cluster already: /etc/kubernetes/$file"
    done
    [ -z "$(ls -A /var/lib/etcd 2>/dev/null)" ] || problem "/var/lib/etcd is not empty"
    for program in kubeadm kubelet; do
        found=$(command -v "$program") || continue
        grep -qxsF "$found" "$node_files" || problem "$found was installed by somebody else"
    done
    ! systemctl is-active --quiet docker.service 2>/dev/null ||
        problem "Docker runs here: a node's containerd is for Kubernetes alone"
    ports="10250"
    ! is_control_plane || ports="6443 2379 2380 10250 10257 10259"
    for port in $ports; do
        [ -z "$(ss -Hltn "sport = :$port")" ] || problem "port $port is in use"
    done
}

check_endpoint() {
    endpoint=$SLIPWAY_OPTION_CONTROL_PLANE_ENDPOINT
    if [ -z "$endpoint" ]; then
        case $SLIPWAY_NODE_ROLE" $SLIPWAY_PEERS" in
        control_plane*=control_plane=*)
            problem "more than one control plane needs control_plane_endpoint:" \
                "a name or address that leads to all of them"
            ;;
        esac
        return
    fi
    host=${endpoint#[}
    case $endpoint in
    \[*) host=${host%%]*} ;;
    *) host=${host%%:*} ;;
    esac
    getent ahosts "$host" >/dev/null || problem "control_plane_endpoint: $host has no address here"
}

# IPv4 networks that reach into one another: pods, services, and the hosts themselves.
overlapping_networks() {
    {
        printf 'pod_subnet %s\nservice_subnet %s\n' \
            "$SLIPWAY_OPTION_POD_SUBNET" "$SLIPWAY_OPTION_SERVICE_SUBNET"
        ip -o -4 address show scope global |
            awk '$2 !~ /^(docker|br-|veth|cni|flannel|cali|vxlan|cilium)/ {print $2, $4}'
    } | awk '
        function number(text, parts) {
            split(text, parts, ".")
            return ((parts[1] * 256 + parts[2]) * 256 + parts[3]) * 256 + parts[4]
        }
        $2 ~ /^[0-9.]+\/[0-9]+$/ {
            split($2, parts, "/")
            size = 2 ^ (32 - parts[2])
            first[NR] = int(number(parts[1]) / size) * size
            last[NR] = first[NR] + size - 1
            name[NR] = $1 " (" $2 ")"
            ours[NR] = $1 ~ /_subnet$/
            for (other in name)
                if (other != NR && (ours[other] || ours[NR]) \
                    && first[other] <= last[NR] && first[NR] <= last[other])
                    print name[other] " and " name[NR]
        }'
}

check_networks() {
    overlaps=$(overlapping_networks)
    [ -z "$overlaps" ] || while read -r pair; do
        problem "networks overlap: $pair"
    done <<END
$overlaps
END
}

check_clock() {
    command -v timedatectl >/dev/null || return 0
    synchronized=$(timedatectl show --property NTPSynchronized --value 2>/dev/null) || return 0
    [ "$synchronized" = yes ] || say "note: the clock is not synchronized (NTP)"
}

# What has to differ, or agree, between nodes: compared by agreement.sh.
report_identity() {
    fact CLOCK "$(date +%s)"
    fact MACHINE_ID "$(cat /etc/machine-id 2>/dev/null || true)"
    fact PRODUCT_UUID "$(cat /sys/class/dmi/id/product_uuid 2>/dev/null || true)"
    interface=$(ip -o route show default | awk '{for (i = 1; i < NF; i++) if ($i == "dev") print $(i + 1)}' |
        head -n 1)
    fact MAC "$(cat "/sys/class/net/${interface:-none}/address" 2>/dev/null || true)"
    fact HOSTNAME "$(uname -n)"
}

require_root
nodes_only
check_brought
check_programs
check_system
check_resources
check_kernel
check_strangers
check_endpoint
check_networks
check_clock
report_identity
[ "$problems" -eq 0 ] || fail "$problems problem(s): nothing was changed"
progress 100 "ready to become a $SLIPWAY_NODE_ROLE of Kubernetes"
