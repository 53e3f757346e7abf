# status BASE ID
# Prints "absent", "running", "lost" or "end CODE ENDING SIZE".
status() {
  if ! cd "$1/$2" 2>/dev/null || [ ! -e claim ]; then
    echo absent
    return
  fi
  exec 9<lock
  if ! flock -s -n 9; then
    echo running
  elif [ -s result ] && read -r code ending size <result; then
    echo "end $code $ending $size"
  else
    echo lost
  fi
}
