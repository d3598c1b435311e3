# Unpacks a wheel as a release, whole or not at all: unpack_release.sh DIRECTORY NAME WHEEL
# Its bytecode is made here once, because the services that read it may not write.
set -eu
rm -rf -- "${1:?}/.$2.new" "${1:?}/${2:?}"
mkdir -p -- "$1/.$2.new"
python3 -m zipfile -e "$3" "$1/.$2.new"
python3 -m compileall -q "$1/.$2.new/rockpool"
touch -- "$1/.$2.new/whole"
sync -f -- "$1/.$2.new/whole"
mv -T -- "$1/.$2.new" "$1/$2"
rm -f -- "$3"
