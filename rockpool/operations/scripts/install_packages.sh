# Mends dpkg and installs: install_packages.sh REFRESH [PACKAGE-OR-DEB...], REFRESH being yes or no.
# A killed deploy leaves its apt running here, and timers run apt as well: whoever holds a lock is waited for.
set -eu
refresh=$1
shift
export DEBIAN_FRONTEND=noninteractive
for pid in $(lslocks -nro PID,PATH | sed -n "s# /var/lib/\(dpkg\|apt/lists\)/lock.*##p" | sort -u); do
  timeout 900 tail --pid="$pid" -f /dev/null
done
options="-q -y --no-install-recommends --reinstall --allow-downgrades"
options="$options -o DPkg::Lock::Timeout=900 -o Dpkg::Use-Pty=0"
options="$options -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold"
dpkg --configure -a --force-confdef --force-confold
[ "$refresh" = no ] || apt-get -q update
# shellcheck disable=SC2086  # options are words
apt-get $options -f install "$@"
