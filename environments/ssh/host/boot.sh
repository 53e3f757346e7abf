# Which start of this host this is: another kernel, or, in a container, another first process. Of its
# line in /proc, what follows the name begins with the third field; the 22nd is when it was started.
boot_mark() {
  read -r boot </proc/sys/kernel/random/boot_id
  read -r line </proc/1/stat
  # shellcheck disable=SC2086
  set -- ${line##*) }
  echo "$boot ${20}"
}
