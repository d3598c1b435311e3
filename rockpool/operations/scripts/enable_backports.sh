# enable_backports CODENAME: offer the backports suite from wherever this host takes CODENAME itself.
set -eu
suite=$1
new=$suite-backports
cd /etc/apt
lists=$(find sources.list sources.list.d -name '*.list' 2>/dev/null || :)
stanzas=$(find sources.list.d -name '*.sources' 2>/dev/null || :)
# shellcheck disable=SC2086  # words on purpose: apt ignores files whose names hold a space
if cat /dev/null $lists $stanzas | grep -v '^ *#' | grep -qw "$new"; then
  exit 0
fi
umask 022
# shellcheck disable=SC2086
copy=$(cat /dev/null $stanzas | awk -v suite="$suite" -v new="$new" '
  function done_with(  i, hit, words, n) {
    n = split(suites, words, /[ \t]+/)
    for (i = 1; i <= n; i++) if (words[i] == suite) hit = 1
    if (hit && !found) { printf "%s", text; found = 1 }
    text = ""; suites = ""
  }
  /^[ \t]*$/ { done_with(); next }
  tolower($1) == "suites:" { suites = substr($0, index($0, ":") + 1); text = text "Suites: " new "\n"; next }
  { text = text $0 "\n" }
  END { done_with() }')
if [ -n "$copy" ]; then
  file=rockpool-backports.sources
else
  # shellcheck disable=SC2086
  copy=$(cat /dev/null $lists | awk -v suite="$suite" -v new="$new" '
    $1 == "deb" { for (i = 2; i <= NF; i++) if ($i == suite) { $i = new; print; exit } }')
  file=rockpool-backports.list
fi
if [ -z "$copy" ]; then
  printf 'cannot offer %s\n  why: no apt source of %s was found in /etc/apt\n  fix: add %s to your apt sources\n' "$new" "$suite" "$new" >&2
  exit 3
fi
printf '%s\n' "$copy" >"sources.list.d/.$file.new"
mv -f "sources.list.d/.$file.new" "sources.list.d/$file"
