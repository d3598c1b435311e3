#!/bin/sh
# Run a command inside a tree: enter.sh TREE SCRATCH COMMAND… (in a mount and a pid namespace of its own).
# SCRATCH is at /scratch inside; everything else is the tree, whose /tmp /run /var/tmp are empty and gone afterwards.
# The root is pivoted and not chrooted, because the kernel refuses user namespaces (rootless Podman) in a chroot.
set -eu
tree=$1 scratch=$2
shift 2
mount --make-rprivate /
mount --bind "$tree" "$tree"
mount -t proc proc "$tree/proc"
mount --rbind /sys "$tree/sys"
mount --rbind /dev "$tree/dev"
for empty in tmp run var/tmp; do mount -t tmpfs -o mode=1777 tmpfs "$tree/$empty"; done
mkdir -p "$tree/scratch"
mount --bind "$scratch" "$tree/scratch"
for file in /etc/resolv.conf /etc/hosts; do
    [ -e "$tree$file" ] || [ -L "$tree$file" ] || : > "$tree$file"
    if [ -e "$file" ] && [ -f "$tree$file" ]; then
        mount --bind "$file" "$tree$file"
        mount -o remount,bind,ro "$tree$file"
    fi
done
cd "$tree"
pivot_root . mnt
cd /
umount -l /mnt
exec "$@"
