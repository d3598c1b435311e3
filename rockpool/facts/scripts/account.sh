# Describes a user, the group of the same name, all subordinate ids, and lingering: account.sh NAME
getent passwd "$1" | sed "s/^/passwd:/"
getent group "$1" | sed "s/^/group:/"
groups=$(id -nG -- "$1" 2>/dev/null) && echo "groups:$groups"
sed "s/^/subuid:/" /etc/subuid 2>/dev/null
sed "s/^/subgid:/" /etc/subgid 2>/dev/null
[ ! -e "/var/lib/systemd/linger/$1" ] || echo "linger:"
