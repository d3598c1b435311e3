# Describes a disk or disk image, and what is mounted where it belongs: disk.sh SOURCE MOUNTPOINT UNIT-FILE
source=$1 mountpoint=$2 unit=$3
if [ -b "$source" ] || [ -f "$source" ]; then
  echo "THERE=yes"
  [ -b "$source" ] || echo "BYTES=$(stat -c %s -- "$source")"
  blkid -p -o export -- "$source" || echo "PROBE=$?"
fi
findmnt -rno "LABEL,FSTYPE,OPTIONS" --mountpoint "$mountpoint" | tail -n 1 | sed "s/^/MOUNT=/"
[ ! -f "$unit" ] || echo "UNIT=$(sha256sum < "$unit")"
[ ! -L "/etc/systemd/system/local-fs.target.wants/${unit##*/}" ] || echo "ENABLED=yes"
