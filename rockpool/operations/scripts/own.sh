# Gives what belongs to somebody else below a directory to the first user: own.sh DIRECTORY GROUP USER...
# In the directory of each, so that who may rename things here leads it nowhere else.
set -eu
directory=$1 group=$2 first=$3
shift 2
for name; do
  shift
  set -- "$@" -o -user "$name"
done
shift
find "$directory" -mindepth 1 ! '(' -group "$group" '(' "$@" ')' ')' \
  -execdir chown --no-dereference -- "$first:$group" {} +
