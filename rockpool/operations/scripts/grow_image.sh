# Makes a sparse disk image at least as large as asked for: grow_image.sh PATH BYTES
set -eu
umask 077
mkdir -p -- "${1%/*}"
truncate -s ">$2" -- "$1"
for loop in $(losetup -nO NAME -j "$1"); do losetup -c "$loop"; done
