# Makes a sparse disk image at least as large as asked for, and its file system too where it is mounted:
# grow_image.sh PATH BYTES [MOUNTPOINT]
set -eu
umask 077
mkdir -p -- "${1%/*}"
truncate -s ">$2" -- "$1"
[ $# -gt 2 ] || exit 0
losetup -c "$(losetup -nO NAME -j "$1" | head -n 1)"
/usr/lib/systemd/systemd-growfs "$3"
