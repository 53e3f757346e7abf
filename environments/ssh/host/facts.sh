# facts.sh < sudo's password, or nothing
# Prints facts as lines "name=value".
ID='' VERSION_ID=''
[ ! -r /etc/os-release ] || . /etc/os-release
if [ "$(id -u)" = 0 ]; then
  privilege=root
elif sudo -S -p '' -- true 2>/dev/null; then
  privilege=sudo
else
  privilege=none
fi
memory=$(grep MemTotal: /proc/meminfo | tr -dc 0-9)
# df -P: the fourth column of the second line is what is free.
disk=$(df -Pk /var/lib | { read -r _ && read -r _ _ _ free _ && echo "$free"; })
cat <<FACTS
os=$ID
release=$VERSION_ID
machine=$(uname -m)
cpus=$(getconf _NPROCESSORS_ONLN)
memory_kb=$memory
disk_kb=$disk
privilege=$privilege
hostname=$(uname -n)
boot_id=$(cat /proc/sys/kernel/random/boot_id)
FACTS
