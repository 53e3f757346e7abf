# follow BASE ID OFFSET
# Prints the job's output from OFFSET on while it grows, as "data SIZE" and SIZE bytes, an "alive"
# about every 10 s of silence, and at last "end CODE ENDING SIZE", "lost", "lost rebooted" or
# "absent".                                                                      (after boot.sh)
follow() {
  set +eu
  at=$3 silent=0 pause=0.4
  if ! cd "$1/$2" 2>/dev/null || [ ! -e claim ]; then
    echo absent
    return
  fi
  exec 9<lock
  # The lock is free when the wrapper is dead: that wakes at once. All else is looked for, more
  # often while there is more to come.
  until flock -s -w "$pause" 9; do
    size=$(wc -c <out)
    # A background child may write on after the script's end. While `pid` says something, what was
    # measured belongs to the script.
    [ -s pid ] || continue
    if send_up_to "$size"; then
      silent=0 pause=0.2
    elif pause=0.4 && [ "$((silent += 1))" -ge 25 ]; then
      echo alive # fails, and ends this, when nobody listens
      silent=0
    fi
  done
  exec 9<&-
  if [ -s result ] && read -r code ending size <result; then
    send_up_to "$size"
    echo "end $code $ending $size"
  else
    send_up_to "$(wc -c <out)"
    read -r claimed <claim
    if [ -z "$claimed" ] || [ "$claimed" = "$boot" ]; then echo lost; else echo lost rebooted; fi
  fi
}

send_up_to() {
  [ "$1" -gt "$at" ] || return 1
  echo "data $(($1 - at))"
  dd if=out bs=64k iflag=skip_bytes,count_bytes skip="$at" count="$(($1 - at))" status=none
  at=$1
}
