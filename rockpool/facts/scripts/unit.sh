# Describes a unit and when its files changed last: unit.sh USER UNIT [INPUT...], USER empty for the system manager.
# A user without a running manager, and no systemd at all, print nothing. One that is just starting is waited for.
user=$1 unit=$2
shift 2
call=systemctl
if [ -n "$user" ]; then
  uid=$(id -u -- "$user" 2>/dev/null) && [ -S "/run/user/$uid/bus" ] || exit 0
  export XDG_RUNTIME_DIR="/run/user/$uid"
  call="setpriv --reuid=$uid --regid=$(id -g -- "$user") --init-groups systemctl --user"
fi
what=LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload,Type,RemainAfterExit,Result
what=$what,InactiveExitTimestamp,StateChangeTimestamp,FragmentPath,DropInPaths,SourcePath
left=300
while shown=$($call show --timestamp=us+utc -p "$what" -- "$unit") || exit 0; do
  case $shown in *SubState=start*) [ $((left -= 1)) -gt 0 ] || break ;; *) break ;; esac
  sleep 1
done
printf "%s\n" "$shown"
# shellcheck disable=SC2086  # several drop-ins are one value
while IFS="=" read -r key value; do
  case $key in FragmentPath | DropInPaths | SourcePath) set -- "$@" $value ;; esac
done <<X
$shown
X
[ $# -eq 0 ] || stat -c "file=%.6Z %n" -- "$@" 2>/dev/null || :
