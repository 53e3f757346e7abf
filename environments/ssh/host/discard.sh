# discard.sh BASE ID
# Removes the job's directory, unless the job runs.
cd "$1" 2>/dev/null || exit 0
if [ -e "$2/lock" ]; then
  exec 9<"$2/lock"
  flock -s -n 9 || {
    echo "the job is running" >&2
    exit 1
  }
fi
# First out of the way: half a directory must not look like a job that can be started.
[ ! -e "$2" ] || mv -T "$2" ".$2.$$"
rm -rf ".$2".*
