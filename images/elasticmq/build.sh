#!/bin/sh
# Inside the builder: the jars that pom.xml names, exactly as recorded, and the list of classes that a start loads.
set -eu
# shellcheck source=/dev/null
. /scratch/client/env
export HOME=/scratch/client/home
package=/scratch/root/usr/share/rockpool/elasticmq
lib=$package/lib
mkdir -p "$lib"
mvn --quiet --batch-mode -Duser.home="$HOME" --file /scratch/source/pom.xml dependency:copy-dependencies "-Dlib=$lib"
cd "$lib"
sha256sum --check --quiet --strict /scratch/source/jars.sha256
find . -maxdepth 1 -type f -printf '%f\n' | sort > /scratch/have
awk '{print $2}' /scratch/source/jars.sha256 | sort | diff - /scratch/have

# In a network of its own, its port is free whatever runs here.
unshare --net python3 /scratch/source/train.py "$lib" "$package/classes.list"
cp -r /scratch/source/debian /scratch/root/DEBIAN
