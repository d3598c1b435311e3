# may_fail WHY COMMAND…: run the command; a failure is told and passed over.
why=$1
shift
"$@" || echo "$why: failed with $?, which may be" >&2
