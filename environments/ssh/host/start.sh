# start BASE ID TOKEN LIMIT GRACE INTERPRETER [ARGUMENT]           (after boot.sh, stop.sh, wrapper.sh)
# Starts a job unless that has been done. `put_files DIRECTORY` writes what the job brings, `set_env`
# sets its variables: they may be secrets, and are in no file.
start() {
  set -eu
  job=$1/$2 token=$3
  shift 3
  umask 077
  [ ! -e "$job/claim" ] || return 0

  # Each start brings its own files, and runs them if it gets to make the claim.
  mkdir -p "$job/$token"
  cd "$job"
  put_files "$token"
  exec 9>>lock
  until flock -w 0.05 9; do
    [ ! -e claim ] || break
  done
  if [ -e claim ]; then
    rm -rf "$token"
  else
    : >out
    set -C
    # shellcheck disable=SC2154 # boot.sh
    echo "$boot" >claim
    set +C
    # The wrapper inherits the lock: from here until its death it is held without a gap.
    wrapper "$job" "$token" "$@" </dev/null >/dev/null 2>&1 &
  fi
  exec 9>&-
}
