# wrapper DIRECTORY TOKEN LIMIT GRACE INTERPRETER [ARGUMENT]    (after stop.sh; GRACE: tenths of a s)
# Runs one job and writes its result, in a process of its own that holds the lock on descriptor 9
# as long as it lives. The current directory is DIRECTORY. cancel.sh sends USR1.
wrapper() {
  set +eu
  mark=$1 token=$2 limit=$3 grace=$4 session='' ending=exited
  shift 4
  trap cancelled USR1
  trap : HUP # a terminal that sudo made may go away; unlike '', this is not inherited
  # `$$` is the shell that this was forked from, and to read /proc/self/stat is a call for each byte.
  cd -P /proc/self && pid=${PWD##*/} && cd "$mark" && echo "$pid" >pid
  read_clock
  began=$now

  # A session of its own: a script that signals its whole group must not reach the wrapper.
  (
    exec 9>&-
    set_env
    export SLIPWAY_JOB="$mark"
    umask 022
    cd "$token" && exec setsid timeout -k "$((grace / 10))" "$limit" "$@" ./script
  ) >>out 2>&1 &
  session=$!

  wait "$session"
  code=$?
  if [ "$ending" = cancelled ]; then
    # The signal ended the first wait; 127 says that it came after the script's own end.
    wait "$session"
    again=$?
    [ "$again" = 127 ] || code=$again
  elif [ "$code" = 124 ] || [ "$code" = 137 ]; then
    # The script may exit so by itself, but not when its time is over.
    read_clock
    if [ "$((now - began))" -ge "${limit}00" ]; then
      ending=timed_out
      stop_members "$grace" # `timeout` ends its process group only
    fi
  fi
  : >pid # before the size is taken: see follow.sh
  echo "$code $ending $(wc -c <out)" >result
}

cancelled() {
  [ -n "$session" ] || return 0 # not started yet; cancel.sh asks again
  trap '' USR1
  ending=cancelled
  read -r asked <cancel
  stop_members "$asked"
}

read_clock() { # hundredths of a second since the boot
  read -r now _ </proc/uptime
  now=${now%.*}${now#*.}
}
