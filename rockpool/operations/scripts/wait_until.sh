# wait_until SECONDS WHY COMMAND…: repeat the command until it succeeds.
end=$(($(date +%s) + $1))
why=$2
shift 2
until said=$("$@" 2>&1 </dev/null); do
  if [ "$(date +%s)" -ge "$end" ]; then
    printf 'gave up waiting: %s\n  why: %s\n' "$why" "$said" >&2
    exit 8
  fi
  sleep 0.5
done
