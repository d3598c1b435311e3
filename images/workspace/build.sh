#!/bin/sh
# Build the workspace image in a rootless store, add its shifted layer, and pack the store as one squashfs.
# Runs inside the builder tree: build.sh KEY NODE_VERSION NODE_SHA256. Reads /scratch/{base,context,client}.
set -eu
image=localhost/rockpool/workspace:$1
mkdir -p /scratch/ws
chown 900:900 /scratch/ws
install -d -m 0700 -o 900 -g 900 /run/ws
ws() {
    setpriv --reuid 900 --regid 900 --clear-groups env HOME=/scratch/ws XDG_RUNTIME_DIR=/run/ws \
        TMPDIR=/scratch/ws "$@"
}
pod() { ws podman --root /scratch/ws/store --runroot /run/ws/containers --storage-driver overlay --cgroup-manager cgroupfs "$@"; }

tar --directory /scratch/base --create --numeric-owner --exclude=./scratch . | pod import - localhost/rockpool/base
pod build --squash-all --isolation chroot --network host --jobs 2 --pull=never --force-rm --volume /scratch/client:/run/client:ro \
    --build-arg "NODE_VERSION=$2" --build-arg "NODE_SHA256=$3" --tag "$image" /scratch/context
pod tag "$image" localhost/rockpool/workspace:latest
pod rmi localhost/rockpool/base
# The first create with a mapping makes a mapped copy of the image and records it; later ones find it there.
pod create --name shift --network none --userns=nomap "$image" true
pod rm shift
cd /scratch/ws/store
test -e overlay-images/images.lock
test -e overlay-layers/layers.lock
mksquashfs overlay overlay-images overlay-layers /scratch/store.squashfs -comp zstd -Xcompression-level 3 -no-progress -quiet

root=/scratch/root/usr/share/rockpool
mkdir -p "$root/stores" "$root/store/$1"
mv /scratch/store.squashfs "$root/stores/$1.squashfs"
