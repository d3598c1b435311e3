#!/bin/sh
# Makes the partition and the file system of each mount point as large as its disk: grow MOUNTPOINT...
set -eu
for mountpoint; do
  source=$(findmnt -nvo SOURCE --mountpoint "$mountpoint") || continue
  block=/sys/class/block/${source#/dev/}
  if [ -e "$block/partition" ]; then
    disk=$(readlink -f "$block")
    disk=${disk%/*}
    # growpart exits 1 when there is nothing to grow.
    growpart "/dev/${disk##*/}" "$(cat "$block/partition")" || [ $? -eq 1 ]
  fi
  /usr/lib/systemd/systemd-growfs "$mountpoint"
done
