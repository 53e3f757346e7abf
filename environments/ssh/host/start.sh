# start.sh BASE ID TOKEN LIMIT GRACE WRAPPER INTERPRETER [ARGUMENT]
# Starts a job unless that has been done.
# stdin: a line "SIZE NAME" and SIZE bytes for each of the job's files, then the line "0 .".
set -eu
job=$1/$2 token=$3 limit=$4 grace=$5 wrapper=$6
shift 6
umask 077
[ ! -e "$job/claim" ] || exit 0

# Files are read before the lock is taken: a connection that hangs must not hold it. So each start
# brings its own, and runs them if it gets to make the claim.
mkdir -p "$job/$token/work"
cd "$job"
while read -r size name && [ "$name" != . ]; do
  head -c "$size" >"$token/$name"
done
if [ "${name-}" != . ]; then
  rm -rf "$token"
  echo "the job's files broke off" >&2
  exit 1
fi

exec 9>>lock
until flock -w 0.05 9; do
  [ ! -e claim ] || break
done
if [ -e claim ]; then
  rm -rf "$token"
  exit 0
fi
printf '%s' "$wrapper" >wrapper
: >out
set -C
: >claim
# The wrapper inherits the lock, so from here until its death the lock is held without a gap.
setsid timeout --foreground -s ALRM "$limit" sh ./wrapper "$job" "$token" "$grace" "$@" \
  </dev/null >/dev/null 2>&1 &
