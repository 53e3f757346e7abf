# shellcheck shell=sh
# Debian packages, offline, and no more removed than was added. Sourced after lib.sh.

# Installs this node's artifacts, all of them packages, unless they are there in that version or a
# newer one. Safe to run again. RECORD lists what was added; TO_INSTALL is empty when nothing was.
install_packages() { # RECORD
    choose_packages "$1"
    install_chosen_packages
}

# Sets TO_INSTALL to the files that `install_chosen_packages` would install.
choose_packages() { # RECORD
    record=$1
    new=
    to_install=
    each_artifact choose_package
}

install_chosen_packages() {
    [ -n "$to_install" ] || return 0
    wait_for 120 dpkg_idle || fail "another program has held dpkg's lock for two minutes"
    if [ -n "$new" ]; then
        mkdir -p "$(dirname "$record")"
        printf '%s' "$new" >>"$record"
    fi
    export DEBIAN_FRONTEND=noninteractive
    # Not --skip-same-version: it would leave a package that an interrupted run only unpacked.
    # shellcheck disable=SC2086 # paths of our own making: a directory and digests, no spaces
    dpkg --refuse-downgrade --force-confdef --force-confold -i $to_install
}

choose_package() { # PATH FILE
    name=$(dpkg-deb -f "$2" Package)
    version=$(dpkg-deb -f "$2" Version)
    present=$(dpkg-query -W -f '${db:Status-Status} ${Version}' "$name" 2>/dev/null) || present=
    case $present in
    "installed "*)
        if dpkg --compare-versions "${present#installed }" ge "$version"; then
            say "present: $name ${present#installed }"
            return
        fi
        ;;
    *) grep -qxs "$name" "$record" || new="$new$name
" ;;
    esac
    say "to install: $name $version"
    to_install="$to_install $2"
}

# Removes what RECORD lists. What something else has come to need stays: dpkg keeps it.
remove_packages() { # RECORD
    packages=
    while read -r name; do
        status=$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) || continue
        [ "$status" = not-installed ] || [ "$status" = config-files ] || packages="$packages $name"
    done <"$1"
    [ -n "$packages" ] || return 0
    wait_for 120 dpkg_idle || fail "another program has held dpkg's lock for two minutes"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086 # package names
    dpkg --remove $packages || say "note: dpkg kept what other packages need"
}

half_installed_packages() {
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' |
        awk '$1 != "installed" && $1 != "config-files" && $1 != "not-installed" {print $2}'
}
