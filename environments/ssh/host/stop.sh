# What wrapper.sh and cancel.sh share: finding and ending what a job started.
# Needs $mark, the job's directory, and $session, its session id, or "" when that can't be trusted.

# The job's session, and what left the session but still has the job's mark in its environment.
members() {
  {
    [ -z "$session" ] || grep -ls -e "^$session (.*) [^ZX] " \
      -e ") [^ZX] [0-9]* [0-9]* $session " /proc/[0-9]*/stat
    grep -lszxF "SLIPWAY_JOB=$mark" /proc/[0-9]*/environ
  } | cut -d / -f 3
}

# The session's leader is `timeout`: it ends with what it runs, and TERM would start its own count
# to KILL. So it gets TERM only if it is alone, on its way to start the script.
signal_members() {
  all=$(members)
  for member in $all; do
    [ "$1 $member" != "TERM $session" ] || [ "$all" = "$session" ] || continue
    kill -s "$1" "$member" 2>/dev/null
  done
}

# stop_members GRACE: TERM, after GRACE tenths of a second KILL; false if something survives.
stop_members() {
  signal_members TERM
  left=$1
  while [ -n "$(members)" ] && [ "$left" -gt 0 ]; do
    sleep 0.1
    left=$((left - 1))
  done
  left=50
  while [ -n "$(members)" ] && [ "$left" -gt 0 ]; do
    signal_members KILL
    sleep 0.1
    left=$((left - 1))
  done
  [ -z "$(members)" ]
}
