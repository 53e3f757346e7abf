#!/bin/sh
# Can the engine be installed here? Looks at everything, changes nothing.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"
# shellcheck source=../common/packages.sh
. "$SLIPWAY_HOOKS_DIR/packages.sh"

problems=0
problem() {
    say "problem: $*"
    problems=$((problems + 1))
}

check_system() {
    [ "$(uname -s)" = Linux ] || problem "this is not Linux"
    command -v dpkg >/dev/null || fail "there is no dpkg: not a Debian host"
    # shellcheck source=/dev/null
    release=$(. /etc/os-release && printf '%s %s' "${ID:-unknown}" "${VERSION_ID:-unknown}")
    say "system: $release $(dpkg --print-architecture), kernel $(uname -r)"
    case $SLIPWAY_BUNDLE in
    *-debian[0-9]*)
        [ "$release" = "debian ${SLIPWAY_BUNDLE##*-debian}" ] ||
            problem "$SLIPWAY_BUNDLE is not for $release"
        ;;
    esac
    [ -d /run/systemd/system ] || problem "systemd does not run this host"
}

check_resources() {
    memory=$(awk '/^MemTotal:/ {print int($2 / 1024)}' /proc/meminfo)
    disk=$(df -Pm /var/lib | awk 'NR == 2 {print $4}')
    say "resources: $memory MB of memory, $disk MB free in /var/lib"
    [ "$memory" -ge "$SLIPWAY_REQUIRES_MEMORY_MB" ] ||
        problem "$SLIPWAY_REQUIRES_MEMORY_MB MB of memory are needed, there are $memory"
    [ "$disk" -ge "$SLIPWAY_REQUIRES_DISK_MB" ] ||
        problem "$SLIPWAY_REQUIRES_DISK_MB MB free in /var/lib are needed, there are $disk"
}

check_kernel() {
    if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
        controllers=$(cat /sys/fs/cgroup/cgroup.controllers)
        say "cgroups: version 2 ($controllers)"
    else
        controllers=$(awk '$4 == 1 {print $1}' /proc/cgroups | tr '\n' ' ')
        say "cgroups: version 1 ($controllers)"
    fi
    for controller in cpu memory; do
        case " $controllers " in
        *" $controller "*) ;;
        *) problem "the kernel has no cgroup controller $controller" ;;
        esac
    done
    # modprobe --dry-run loads nothing.
    grep -qw overlay /proc/filesystems || modprobe --dry-run overlay 2>/dev/null ||
        problem "the kernel has no overlay filesystem"
}

installed() { # PACKAGE
    dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed
}

check_packages() {
    for package in docker-ce docker-ce-cli docker-ce-rootless-extras containerd.io podman-docker; do
        ! installed "$package" || problem "$package is installed and conflicts; remove it first"
    done
    # What an interrupted run of install.sh left, its next run completes.
    for package in $(half_installed_packages); do
        grep -qxs "$package" "$state_dir/compose-packages" ||
            problem "$package is half installed; repair it with: dpkg --configure -a"
    done
    ! dpkg_busy || say "note: dpkg is in use now; the installation will wait for it"
}

require_root
check_system
check_resources
check_kernel
check_packages
[ "$problems" -eq 0 ] || fail "$problems problem(s): nothing was changed"
progress 100 "ready for $SLIPWAY_BUNDLE $SLIPWAY_BUNDLE_VERSION"
