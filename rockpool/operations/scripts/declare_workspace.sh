# Wishes for the workspace on stdin and waits until the wish has come true: declare_workspace.sh SOCKET NAME SECONDS
# Prints each step as it happens; exits 1 with the reason when the control plane gives up on it.
set -eu
socket=$1 name=$2 deadline=$(($(date +%s) + $3))

ask() {
  curl -sS --retry 20 --retry-connrefused --retry-all-errors --max-time 60 --unix-socket "$socket" "$@"
}

url="http://localhost/api/workspaces/$name"
answer=$(ask -X PUT -H "Content-Type: application/json" --data-binary @- -w "\n%{http_code}" "$url")
case ${answer##*"
"} in
  2*) ;;
  *) printf "the control plane refuses workspace %s\n  why: %s\n" "$name" "$answer" >&2; exit 1 ;;
esac

field() {
  printf "%s" "$1" | python3 -c "import json, sys; print(json.load(sys.stdin).get(sys.argv[1]))" "$2"
}

last=
while [ "$(date +%s)" -lt "$deadline" ]; do
  told=$(ask "$url")
  status=$(field "$told" status)
  [ "$status" = "$last" ] || echo "$name is $status"
  last=$status
  if [ "$(field "$told" generation)" = "$(field "$told" observedGeneration)" ]; then
    case $status in
      running | stopped) exit 0 ;;
      error) printf "workspace %s does not start\n  why: %s\n" "$name" "$(field "$told" reason)" >&2; exit 1 ;;
    esac
  fi
  sleep 1
done
printf "workspace %s is still %s\n  why: it took more than %s s\n" "$name" "$last" "$3" >&2
exit 1
