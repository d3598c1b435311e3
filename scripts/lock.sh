#!/bin/sh
# Pin what pyproject.toml asks for, with hashes and without the name of any index. Needs uv.
set -eu
cd "$(dirname "$0")/.."
lock() {
    uv pip compile --quiet --generate-hashes --universal --no-emit-index-url --no-annotate --no-header "$@"
}
lock pyproject.toml --extra dev --group control --python-version 3.11 --output-file requirements.lock
lock --group control --python-version 3.13 --output-file images/control/requirements.lock
