# cancel BASE ID GRACE                                    (after stop.sh; GRACE: tenths of a second)
# Ends a job that runs, and claims one that doesn't, so that it never will. False if something of it
# is still there: not even KILL ends what waits for a dead disk.
cancel() {
  mark=$1/$2 session='' tries=$(($3 + 100))
  umask 077
  mkdir -p "$mark" && cd "$mark" || return
  exec 9>>lock
  until flock -w 0.1 9; do
    [ "$((tries -= 1))" -gt 0 ] || return
    [ -s pid ] || continue # another start holds the lock
    [ -s cancel ] || echo "$3" >cancel
    # The lock is held, so this is the wrapper, not a stranger with its number.
    read -r pid <pid && kill -s USR1 "$pid" 2>/dev/null
  done
  if [ ! -e claim ]; then
    : >claim
    : >out
    rm -rf ./*/ # what was brought for it, secrets included
    echo "143 cancelled 0" >result
  else
    ending=''
    [ ! -s result ] || read -r _ ending _ <result
    case $ending in # lost, or ended by force: it may have left something running
    '' | cancelled) stop_members "$3" ;;
    esac
  fi
}
