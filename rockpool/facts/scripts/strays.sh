# Prints how many things below a directory belong to somebody else: strays.sh DIRECTORY GROUP USER...
# What goes away meanwhile is nobody's. Without the group or the users, everything is somebody else's.
directory=$1 group=$2
shift 2
[ -d "$directory" ] || exit 0
for name; do
  shift
  getent passwd "$name" >/dev/null && set -- "$@" -o -user "$name"
done
getent group "$group" >/dev/null || set --
if [ $# -gt 0 ]; then
  shift
  set -- ! '(' -group "$group" '(' "$@" ')' ')'
fi
find "$directory" -mindepth 1 "$@" -printf . 2>/dev/null | wc -c
