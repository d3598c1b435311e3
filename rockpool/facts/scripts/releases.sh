# Prints the releases that are whole, the latest made first: releases.sh DIRECTORY
# A release is whole once the file that says so is in it.
[ -d "$1" ] || exit 0
cd -- "$1" || exit 1
find . -mindepth 2 -maxdepth 2 -name whole -printf "%T@ %h\\n" | sort -rn | sed "s,^[^/]*/,,"
