#!/bin/sh
# The user that bakes the workspace store is the one that runs workspaces in the root VM: same number, same ranges.
set -eu
groupadd --gid 900 rockpool-ws
useradd --uid 900 --gid 900 --no-create-home --home-dir /scratch/ws --shell /usr/sbin/nologin rockpool-ws
echo rockpool-ws:100000:65536 > /etc/subuid
echo rockpool-ws:100000:65536 > /etc/subgid
