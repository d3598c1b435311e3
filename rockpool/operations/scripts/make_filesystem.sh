# Makes a file system, its label last: make_filesystem.sh SOURCE FSTYPE LABEL
# Until it is whole it is labelled rp-making, and only a blank disk or one with that label is ever overwritten. So a
# killed run leaves what the next one may begin again, and nothing else is lost if the disk changed hands meanwhile.
set -eu
source=$1 fstype=$2 label=$3
found=$(blkid -p -o value -s LABEL -- "$source" || true)
if [ "$found" != rp-making ] && blkid -p -- "$source" >&2; then
  echo "$source is not blank: nothing was done" >&2
  exit 1
fi
case $fstype in
  ext4)
    mkfs.ext4 -q -F -m 0 -L rp-making "$source"
    e2label "$source" "$label"
    ;;
  xfs)
    mkfs.xfs -q -f -L rp-making "$source"
    xfs_admin -L "$label" "$source" >&2
    ;;
esac
sync -- "$source"
