# have.sh DIRECTORY SHA256                                                        (after sha256.sh)
# Prints "done" if the artifact is in place and is what its name says, else the size of what an
# earlier transfer left.
set -eu
umask 077
mkdir -p "$1"
cd "$1"
if [ -f "$2" ]; then
  if is_intact "$2" "$2"; then
    rm -f "$2.part"
    echo "done"
    exit
  fi
  rm -f "$2"
fi
if [ -f "$2.part" ]; then stat -c %s "$2.part"; else echo 0; fi
