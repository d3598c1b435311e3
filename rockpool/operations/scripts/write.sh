# Puts stdin at DEST, whole or not at all: write.sh DEST MODE USER GROUP SIZE [VALIDATE...]
# The size tells a whole content from one whose sender was killed. {} in VALIDATE stands for the new file.
set -eu
dest=$1 mode=$2 user=$3 group=$4 size=$5
shift 5
umask 077
rm -f -- "${dest%/*}/.${dest##*/}".new-??????
new=$(mktemp "${dest%/*}/.${dest##*/}.new-XXXXXX")
trap "rm -f -- \"\$new\"" EXIT
head -c "$size" > "$new"
if [ "$(stat -c %s -- "$new")" != "$size" ]; then
  echo "the content of $dest arrived in part only; $dest is as it was" >&2
  exit 1
fi
for word; do
  shift
  case $word in *"{}"*) word=${word%%"{}"*}$new${word#*"{}"} ;; esac
  set -- "$@" "$word"
done
if [ $# -gt 0 ] && ! "$@" >&2; then
  echo "the new $dest is not valid (above, by: $*); $dest is as it was" >&2
  exit 1
fi
chown -- "$user:$group" "$new"
chmod -- "$mode" "$new"
sync -- "$new"
mv -fT -- "$new" "$dest"
