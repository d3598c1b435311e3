# Makes or replaces a symbolic link atomically: link.sh PATH TARGET
set -eu
new=${1%/*}/.${1##*/}.new-link
ln -sfnT -- "$2" "$new"
mv -fT -- "$new" "$1"
