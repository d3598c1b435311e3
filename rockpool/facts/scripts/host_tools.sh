# host_tools TOOL…: say which system this is, who asks, which tools are there, and the version of those named qemu-system-*.
# shellcheck source=/dev/null
if [ -r /etc/os-release ]; then . /etc/os-release; else ID=$(uname -s); fi
echo "id ${ID:-unknown}"
echo "codename ${VERSION_CODENAME:-}"
echo "uid $(id -u)"
for tool; do
  path=$(command -v "$tool") || continue
  case $tool in
    qemu-system-*) echo "tool $tool $("$path" --version | sed -n '1s/.*version \([0-9]*\).*/\1/p')" ;;
    *) echo "tool $tool" ;;
  esac
done
