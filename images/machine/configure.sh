#!/bin/sh
# Inside the tree of a machine: our packages, if there are any, and what it takes to boot and be reached by ssh.
set -eu
set -- /scratch/debs/*.deb
[ ! -e "$1" ] || dpkg --install "$@"

echo 'LABEL=rockroot / ext4 rw,x-systemd.growfs 0 1' > /etc/fstab
mkdir -p /etc/repart.d
printf '[Partition]\nType=root\n' > /etc/repart.d/50-root.conf # grows the last partition with its disk, at boot
printf '[Match]\nName=en*\n\n[Network]\nDHCP=yes\n' > /etc/systemd/network/50-wired.network
systemctl enable systemd-networkd systemd-resolved ssh

# Who this machine is, it learns at its first boot.
rm -f /etc/hostname /etc/ssh/ssh_host_*
: > /etc/machine-id
cp /boot/vmlinuz-* /scratch/vmlinuz
cp /boot/initrd.img-* /scratch/initrd.img

apt-get clean
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/apt /var/log/dpkg.log /var/log/bootstrap.log
umount /etc/resolv.conf 2>/dev/null || true
ln -sf ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
