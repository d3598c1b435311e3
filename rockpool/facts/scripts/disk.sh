# Describes a disk or disk image, and what is mounted where it belongs: disk.sh SOURCE MOUNTPOINT UNIT-FILE
source=$1 mountpoint=$2 unit=$3
if [ -b "$source" ] || [ -f "$source" ]; then
  echo "THERE=yes"
  [ -b "$source" ] || echo "BYTES=$(stat -c %s -- "$source")"
  blkid -p -o export -- "$source" || echo "PROBE=$?"
fi
# The label comes from the disk too: what udev last saw may be older, such as the label of one in the making.
findmnt -rno "SOURCE,FSTYPE,OPTIONS" --mountpoint "$mountpoint" | tail -n 1 | while read -r device kind options; do
  echo "MOUNT=$(blkid -p -o value -s LABEL -- "$device") $kind $options"
done
[ ! -f "$unit" ] || echo "UNIT=$(sha256sum < "$unit")"
[ ! -L "/etc/systemd/system/local-fs.target.wants/${unit##*/}" ] || echo "ENABLED=yes"
