#!/bin/sh
# Inside a new tree: trust what the host trusts.
set -eu
cp -r /scratch/client/certificates/. /usr/local/share/ca-certificates/
update-ca-certificates
