# Prints the releases that are whole, the latest made first: releases.sh DIRECTORY
# A release is whole once the file that says so is in it.
[ -d "$1" ] || exit 0
cd -- "$1" || exit 1
ls -1t -- */whole 2>/dev/null | sed "s,/whole\$,,"
