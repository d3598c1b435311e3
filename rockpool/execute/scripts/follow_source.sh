# Runs units from the source that stdin brings: follow_source.sh DIRECTORY RUNTIME_UNITS UNIT...
# A line with the size of a tar archive, then the archive, again and again; each is answered by a line once the units
# run it. When stdin ends, however that came, they run their release again.
set -eu
source=$1 units=$2
shift 2

back() {
    for unit; do rm -f -- "$units/$unit.d/90-source.conf"; done
    rm -f -- "$source.env"
    systemctl daemon-reload
    systemctl restart "$@"
}
trap 'back "$@"' EXIT
trap 'exit 1' HUP INT TERM

mkdir -p -- "$source"
printf 'PYTHONPATH=%s\n' "$source" > "$source.env"
for unit; do
    mkdir -p -- "$units/$unit.d"
    # The last file that names a variable counts.
    printf '[Service]\nEnvironmentFile=%s\n' "$source.env" > "$units/$unit.d/90-source.conf"
done
systemctl daemon-reload

while read -r size; do
    rm -rf -- "$source.new"
    mkdir -- "$source.new"
    head -c "$size" | tar -x --warning=no-timestamp --no-same-owner -C "$source.new"
    # The units may write no bytecode. What was made of files that are as they were is taken along.
    (cd -- "$source" && find . -name '*.pyc' -print0 | tar -c --null -T -) | tar -x -C "$source.new"
    python3 -m compileall -q -s "$source.new" -p "$source" "$source.new/rockpool" >&2 || :
    rm -rf -- "$source"
    mv -T -- "$source.new" "$source"
    systemctl restart "$@" && echo "runs" || echo "does not start: journalctl -u $1"
done
