#!/bin/sh
# `uzima` of this machine: the version that `current` names, with the settings of this folder, as the user who has the data.
# install.sh has put it here, with the names between @ filled in; versions come and go, this stays.
set -eu
root='@FOLDER@'
user='@USER@'
cli=node_modules/uzima-realtime/dist/cli.js

if [ "$(id -u)" = 0 ] && [ "$user" != root ]; then
  exec runuser -u "$user" -- "$root/uzima" "$@"
fi

version=current
# While an update is under way, the version that it goes away from carries it out: the new one may be of no use.
if [ -L "$root/updater" ]; then
  case "${1-}" in
    serve)
      version=updater
      set -- update --at-start
      ;;
    update) version=updater ;;
  esac
elif [ "${1-}" = serve ]; then
  # Whom an update may end: this process, and no later one of the same number.
  ticks=$(sed 's/.*) //' "/proc/$$/stat" | cut -d ' ' -f 20)
  echo "$$ $ticks $(cat /proc/sys/kernel/random/boot_id)" >"$root/server.new"
  mv "$root/server.new" "$root/server"
fi
if [ "${1-}" = update ]; then
  shift
  set -- update --folder "$root" "$@"
fi
exec '@NODE@' --env-file="$root/settings" "$root/$version/$cli" "$@"
