# Prints the checksum of a file, then `PATH:VALUE` of each kernel parameter: sysctl.sh FILE PATH-BELOW-PROC-SYS...
# (The shell's own read takes a byte at a time, and the kernel answers only the first.)
[ ! -f "$1" ] || sha256sum < "$1"
shift
cd /proc/sys && grep -sH "" -- "$@" || :
