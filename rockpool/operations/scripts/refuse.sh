# Prints why and fails: refuse.sh TEXT
printf "%s\n" "$1" >&2
exit 1
