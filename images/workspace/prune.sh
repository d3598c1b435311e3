#!/bin/sh
# What no Linux of this architecture runs, and what a native build leaves behind: prune.sh NODE_MODULES NODE.
set -eu
case $(dpkg --print-architecture) in
    amd64) ours=linux-x64 openssl=linux-x86_64 ;;
    arm64) ours=linux-arm64 openssl=linux-aarch64 ;;
esac
find "$1" -path '*/build/Release/*' -type f ! -name '*.node' -delete
find "$1" -path '*/build/Release/*' -type d -empty -delete
find "$1" -type f \( -name '*.map' -o -name '*.pdb' -o -name '*.exe' -o -name '*.dll' \) -delete
find "$1" -type d \( -path '*/prebuilds/*' -o -path '*/ripgrep-universal/bin/*' \) -prune ! -name "$ours*" -exec rm -rf {} +
find "$2/include/node/openssl/archs" -mindepth 1 -maxdepth 1 ! -name "$openssl" -exec rm -rf {} +
