# Which start of this host this is, in $boot: another kernel, or, in a container, another first
# process. Of its line in /proc, what follows the name begins with the third field; the 22nd is when
# it was started.
read_boot() {
  read -r boot </proc/sys/kernel/random/boot_id
  read -r line </proc/1/stat
  # shellcheck disable=SC2086
  set -- ${line##*) }
  boot="$boot ${20}"
}
read_boot
