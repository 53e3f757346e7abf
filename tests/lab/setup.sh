#!/bin/sh
# Turns a fresh Debian tree into the lab's host. Runs inside the tree (chroot), at build time.
set -eu

# Every host has its own keys: made at its first boot, kept over reboots.
rm -f /etc/ssh/ssh_host_*
cat >/etc/systemd/system/ssh-host-keys.service <<'UNIT'
[Unit]
Description=SSH host keys of this host
Before=ssh.service
ConditionPathExists=!/etc/ssh/ssh_host_ed25519_key

[Service]
Type=oneshot
ExecStart=/usr/bin/ssh-keygen -A

[Install]
WantedBy=multi-user.target
UNIT
systemctl enable ssh.service ssh-host-keys.service

# A key gets in, no password does: '*' and not '!', which sshd takes for a locked account.
usermod -p '*' root
useradd -m -s /bin/bash -p '*' deploy
echo 'deploy ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/deploy
chmod 0440 /etc/sudoers.d/deploy

# Not for a container: sysctls and modules are the machine's, and timers would look for a network.
systemctl mask systemd-sysctl.service systemd-modules-load.service systemd-remount-fs.service \
    systemd-firstboot.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
    systemd-networkd-wait-online.service systemd-resolved.service console-getty.service
systemctl set-default multi-user.target

# Docker gives the cgroup tree read-only. It is this host's own (--cgroupns=private): open it.
cat >/sbin/lab-init <<'INIT'
#!/bin/sh
for dir in /sys/fs/cgroup /sys/fs/cgroup/*; do
    mountpoint -q "$dir" || continue
    mount -o remount,bind,rw "$dir" || mount -o remount,rw "$dir"
done
exec /lib/systemd/systemd
INIT
chmod 0755 /sbin/lab-init

apt-get clean
rm -rf /var/lib/apt/lists/* /var/log/*.log /etc/machine-id /var/lib/dbus/machine-id
: >/etc/machine-id
touch /etc/.updated /var/.updated # nothing for ldconfig and friends to do at first boot
