# Describes image stores: stores.sh DIRECTORY MOUNTPOINTS STORAGE-CONF
# A line each: `store MTIME KEY`, `mounted KEY`, `unit SHA256 KEY`, `enabled KEY`, `conf SHA256`.
directory=$1 mountpoints=$2 conf=$3
find "$directory" -maxdepth 1 -name "*.squashfs" -printf "store %T@ %f\n" 2>/dev/null
findmnt -rnt squashfs -o TARGET | sed -n "s|^$mountpoints/|mounted |p"
for unit in /etc/systemd/system/*-rockpool-store-*.mount; do
  [ -f "$unit" ] || continue
  key=${unit##*-rockpool-store-}
  echo "unit $(sha256sum < "$unit" | cut -d " " -f 1) ${key%.mount}"
  [ ! -L "/etc/systemd/system/multi-user.target.wants/${unit##*/}" ] || echo "enabled ${key%.mount}"
done
[ ! -f "$conf" ] || echo "conf $(sha256sum < "$conf")"
