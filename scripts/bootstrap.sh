#!/bin/sh
# Make the locked Python environment in $1. Runs again after a kill: the mark is written last.
set -eu
venv=$1

fail() { printf '%s\n  why: %s\n  fix: %s\n' "$1" "$2" "$3" >&2; exit 3; }

python=${PYTHON:-python3}
command -v "$python" >/dev/null 2>&1 ||
    fail "cannot start: there is no $python" "Rockpool is written in Python" "install Python 3.11 or newer"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "cannot start: $python is too old" "$("$python" --version) found, 3.11 needed" "set PYTHON to a newer one"

if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    # Debian parts ensurepip from Python.
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        fail "cannot start: $python has no venv module" "Debian packages it apart" "apt install python3-venv"
    fi
    echo "Installing python3-venv"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv
fi

echo "Installing the locked Python packages"
"$python" -m venv --clear "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
touch "$venv/ready"
