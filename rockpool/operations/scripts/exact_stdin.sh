# exact_stdin BYTES COMMAND…: run the command with exactly so many bytes of stdin: pyinfra adds a newline.
n=$1
shift
head -c "$n" | "$@"
