# wrapper DIRECTORY TOKEN GRACE INTERPRETER [ARGUMENT]         (after stop.sh; runs in DIRECTORY)
# Runs one job and writes its result. It lives as long as the lock on descriptor 9 is held.
# `timeout` sends ALRM when the job's time is over; cancel.sh sends USR1.
mark=$1 token=$2 grace=$3 session='' ending=exited
shift 3
umask 077

end() {
  [ -n "$session" ] || return 0 # not started yet; cancel.sh asks again
  trap '' ALRM USR1
  ending=$1
  stop_members "$2"
}
trap 'end timed_out "$grace"' ALRM
trap 'read -r asked <cancel && end cancelled "$asked"' USR1
echo "$$" >pid

# A session of its own: a script that signals its whole group must not reach the wrapper.
(
  exec 9>&-
  . "./$token/env"
  : >"$token/env" # it may hold secrets, and is not needed again
  export SLIPWAY_JOB="$mark"
  umask 022
  cd "$token/work" && exec setsid "$@" ./script
) </dev/null >>out 2>&1 &
session=$!

wait "$session"
code=$?
if [ "$ending" != exited ]; then
  # The signal ended the first wait; 127 says that it came after the script's own end.
  wait "$session"
  again=$?
  [ "$again" = 127 ] || code=$again
fi
: >ended # before the size is taken: see follow.sh
echo "$code $ending $(stat -c %s out)" >result
