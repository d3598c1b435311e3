# Calls systemctl in a user's own manager, which is started before if need be: user_systemctl.sh USER ARGUMENT...
set -eu
uid=$(id -u -- "$1") gid=$(id -g -- "$1") home=$(getent passwd "$1" | cut -d: -f6)
shift
systemctl start "user@$uid.service"
exec setpriv --reuid="$uid" --regid="$gid" --init-groups env -i "HOME=$home" "PATH=$PATH" \
  "XDG_RUNTIME_DIR=/run/user/$uid" "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/$uid/bus" systemctl --user "$@"
