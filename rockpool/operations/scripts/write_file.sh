# write_file PATH BYTES MODE: put stdin, cut to BYTES, in place whole or not at all.
umask 077
t=$(mktemp "$1.XXXXXXXX") || exit 1
trap 'rm -f "$t"' EXIT
head -c "$2" >"$t" && chmod "$3" "$t" && sync "$t" && mv -f "$t" "$1"
