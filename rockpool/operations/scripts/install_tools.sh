# install_tools SUITE PACKAGE…: install packages, from SUITE unless it is empty. A lock of apt's is waited for.
set -eu
suite=$1
shift
export DEBIAN_FRONTEND=noninteractive
apt-get -q -o DPkg::Lock::Timeout=600 update
apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 ${suite:+-t "$suite"} install "$@"
