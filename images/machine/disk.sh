#!/bin/sh
# Inside the builder: one ext4 of /scratch/tree in a GPT whose root partition is the last one.
set -eu
case $(dpkg --print-architecture) in
    amd64) type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709 ;;
    arm64) type=B921B045-1DF0-41C3-AF44-4C6F280D3FAE ;;
esac
rmdir /scratch/tree/scratch
mebibytes=$(($(du --summarize --block-size=1M /scratch/tree | cut -f1) * 5 / 4 + 512))
truncate --size "$((mebibytes + 2))M" /scratch/disk.raw
printf 'label: gpt\nfirst-lba: 2048\nstart=2048, size=%sMiB, type=%s, name=root\n' "$mebibytes" "$type" | sfdisk --quiet /scratch/disk.raw
mke2fs -q -t ext4 -L rockroot -E offset=1048576 -d /scratch/tree /scratch/disk.raw "${mebibytes}M"
