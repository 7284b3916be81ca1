#!/bin/sh
# Keeps the service of this folder running where there is no systemd: starts it, and starts it again whenever it has ended.
# SIGTERM and Ctrl-C end both. install.sh has put it here, with the name between @ filled in.
set -u
child=
finish() {
  trap - TERM INT
  if [ -n "$child" ]; then
    kill "$child" 2>/dev/null
    wait "$child"
  fi
  exit 0
}
trap finish TERM INT
while :; do
  '@FOLDER@/uzima' serve &
  child=$!
  wait "$child"
  sleep 1 &
  child=$!
  wait "$child"
done
