# Prints the checksum of a file, then the live value of each kernel parameter: sysctl.sh FILE PATH-BELOW-PROC-SYS...
file=$1
shift
[ ! -f "$file" ] || sha256sum < "$file"
for path; do
  value=
  # shellcheck disable=SC2162  # values hold no backslash
  { read value < "/proc/sys/$path"; } 2>/dev/null || :
  echo "$path=$value"
done
