#!/bin/sh
# Makes, of a packed server, a file that brings all its packages: for a machine without the internet. Run it on one that has it,
# of the same kind (system and processor), with the same Node or a later one.
#   sh whole.sh uzima-realtime-0.2.0.tgz
set -eu
fail() {
  echo "$1" >&2
  exit 1
}
if [ $# != 1 ] || [ ! -f "$1" ]; then
  fail 'Name the file that npm pack has made: sh whole.sh uzima-realtime-0.2.0.tgz'
fi
command -v npm >/dev/null || fail 'npm is missing: install Node 20.19 or newer with npm.'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --omit=dev --ignore-scripts --no-audit --no-fund --no-update-notifier --prefix "$work" "$1" >&2
result=$(basename "$1" .tgz)-whole-$(uname -s)-$(uname -m).tgz
tar -czf "$result.new" -C "$work" node_modules
mv "$result.new" "$result"
echo "$result"
