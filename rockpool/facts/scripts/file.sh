# Describes one path in at most two lines, nothing when it is absent: file.sh PATH
[ -e "$1" ] || [ -L "$1" ] || exit 0
stat -c "%a %U %G %F" -- "$1"
if [ -L "$1" ]; then readlink -- "$1"
elif [ -f "$1" ]; then sha256sum < "$1"
fi
