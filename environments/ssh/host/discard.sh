# discard BASE ID
# Removes the job's directory, unless the job runs.
discard() {
  cd "$1" 2>/dev/null || return 0
  if [ -e "$2/lock" ]; then
    exec 9<"$2/lock"
    if ! flock -s -n 9; then
      echo "the job is running" >&2
      return 1
    fi
  fi
  # First out of the way: half a directory must not look like a job that can be started.
  [ ! -e "$2" ] || mv -T "$2" ".$2.$$"
  rm -rf ".$2".*
}
