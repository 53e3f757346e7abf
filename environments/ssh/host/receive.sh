# receive.sh DIRECTORY SHA256 SIZE PART OFFSET < the bytes from OFFSET on         (after sha256.sh)
# Appends them to the file PART, and puts it in place if it is then the artifact. Prints "done",
# "partial" (not everything arrived) or "wrong" (everything, and it is something else).
set -eu
umask 077
cd "$1"
sha256=$2 size=$3 part=$4 offset=$5
[ "$offset" != 0 ] || : >"$part"
if [ "$(stat -c %s "$part")" != "$offset" ]; then
  echo wrong # somebody else writes to it
  exit
fi
cat >>"$part"
received=$(stat -c %s "$part" 2>/dev/null || echo "$size") # gone: another sender was faster
if [ "$received" -lt "$size" ]; then
  [ "$part" = "$sha256.part" ] || rm -f "$part" # nobody would look for it
  echo partial
elif is_intact "$part" "$sha256"; then
  mv -T "$part" "$sha256"
  echo "done"
else
  rm -f "$part"
  echo wrong
fi
