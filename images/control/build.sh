#!/bin/sh
# Inside the builder, whose Python is the root VM's: control/build.sh KEY. A virtual environment without pip.
set -eu
# shellcheck source=/dev/null
. /scratch/client/env
export HOME=/scratch/client/home
place=usr/lib/rockpool/python/$1
version=$(python3 -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
packages=/scratch/root/$place/lib/$version/site-packages
mkdir -p "/scratch/root/$place/bin" "$packages"
pip install --quiet --no-cache-dir --no-compile --no-deps --only-binary :all: --require-hashes \
    --root-user-action ignore --target "$packages" -r /scratch/source/requirements.lock

# Of all that AWS offers, the queue is spoken to.
for data in "$packages/botocore/data" "$packages/boto3/data"; do
    find "$data" -mindepth 1 -maxdepth 1 -type d ! -name sqs -exec rm -r {} +
done
# Programs, headers and tests of packages; what runs here is run by `python -m`.
rm -rf "${packages:?}/bin" "${packages:?}/include"
find "$packages" \( -name '*.pyi' -o -name '*.pyx' -o -name '*.c' -o -name '*.h' \) -delete

ln -s "/usr/bin/$version" "/scratch/root/$place/bin/python"
printf 'home = /usr/bin\ninclude-system-site-packages = false\n' > "/scratch/root/$place/pyvenv.cfg"
python3 -m compileall -q -j 0 -s /scratch/root -p / --invalidation-mode unchecked-hash "$packages"
pip --python "/scratch/root/$place/bin/python" check
