#!/bin/sh
# Sets a machine of a clinic up: a folder with a version of the server, its settings and its data; with systemd the service
# starts at boot. Run again, it renews its own files and leaves version, settings and data as they are.
#   sudo sh install.sh FILE          in /opt/uzima, as the user uzima
#   sh install.sh FILE FOLDER        in a folder of one's own, as oneself, without systemd
# FILE is what `npm pack` or whole.sh has made.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
fail() {
  echo "$1" >&2
  exit 1
}
case $# in
  1 | 2) ;;
  *) fail 'Name the file of the server: sudo sh install.sh uzima-realtime-0.1.0.tgz' ;;
esac
[ -r "$1" ] || fail "$1 cannot be read."
file=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")

node=$(command -v node) || fail 'Node is missing: install Node 20.19 or newer.'
"$node" -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
  fail "This is Node $("$node" --version): install Node 20.19 or newer."
for tool in tar sed; do
  command -v "$tool" >/dev/null || fail "$tool is missing: install it."
done
[ -r /proc/self/stat ] || fail 'This needs Linux.'

if [ $# = 2 ]; then
  mkdir -p "$2"
  folder=$(cd "$2" && pwd)
  user=$(id -un)
  as_user() { "$@"; }
else
  [ "$(id -u)" = 0 ] || fail 'This needs root: put sudo before it, or name a folder of your own after the file.'
  command -v runuser >/dev/null || fail 'runuser is missing: install the package util-linux.'
  folder=/opt/uzima
  user=uzima
  if ! id "$user" >/dev/null 2>&1; then
    command -v useradd >/dev/null || fail 'useradd is missing: make a user of the name uzima, and run this again.'
    useradd --system --home-dir "$folder" --shell /usr/sbin/nologin "$user"
  fi
  install -d -o "$user" -m 755 "$folder"
  # Who used the program before has put the data here.
  if [ -d "$folder/data" ]; then chown -R "$user" "$folder/data"; fi
  as_user() { runuser -u "$user" -- "$@"; }
fi
case "$folder" in
  *[!A-Za-z0-9/._-]*) fail "$folder: name a folder with plain letters, digits, dots and dashes only." ;;
esac

as_user mkdir -p "$folder/versions"
if [ ! -L "$folder/current" ]; then
  draft=$folder/versions/.new
  as_user rm -rf "$draft"
  as_user mkdir "$draft"
  if tar -tzf "$file" | grep -q '^\(\./\)\{0,1\}node_modules/uzima-realtime/package.json$'; then
    as_user tar -xzf - -C "$draft" <"$file"
  else
    command -v npm >/dev/null || fail 'npm is missing: install it with Node, or take a file that whole.sh has made.'
    as_user cp /dev/stdin "$draft/packed.tgz" <"$file"
    as_user npm install --omit=dev --ignore-scripts --no-audit --no-fund --no-update-notifier --prefer-offline \
      --prefix "$draft" --cache "$folder/.npm" "$draft/packed.tgz"
    as_user rm "$draft/packed.tgz"
  fi
  manifest=$draft/node_modules/uzima-realtime/package.json
  [ -f "$manifest" ] || fail "$1 is no packed server: it must be what npm pack or whole.sh has made."
  number=$("$node" -p 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).version' "$manifest")
  digest=$("$node" -p 'require("crypto").createHash("sha256").update(require("fs").readFileSync(process.argv[1])).digest("hex").slice(0, 8)' "$file")
  as_user rm -rf "$folder/versions/$number-$digest"
  as_user mv "$draft" "$folder/versions/$number-$digest"
  sync
  as_user ln -s "versions/$number-$digest" "$folder/current"
fi

if [ ! -e "$folder/settings" ]; then
  # Made with its rights before it has anything to hide.
  (umask 077 && as_user touch "$folder/settings")
  as_user tee "$folder/settings" >/dev/null <<SETTINGS
# Settings of the server, one a line; docs/configuration.md has all. The service has to start again for a change.
HOST=0.0.0.0
HTTPS_PORT=3443
DEMO_DATA=false
DATA_DIR=$folder/data
# Copies once a day, on a disk of their own:
#BACKUP_DIR=/media/usb/copies
SETTINGS
fi

fill_in() { sed -e "s|@FOLDER@|$folder|g" -e "s|@USER@|$user|g" -e "s|@NODE@|$node|g" "$here/$1"; }
for name in uzima keep-running; do
  fill_in "$name.sh" | as_user tee "$folder/$name.new" >/dev/null
  as_user chmod 755 "$folder/$name.new"
  as_user mv "$folder/$name.new" "$folder/$name"
done

if [ $# = 2 ]; then
  echo "Installed in $folder. Start it, and let it start with the machine (crontab -e), with: $folder/keep-running"
  exit 0
fi
ln -sf "$folder/uzima" /usr/local/bin/uzima
if [ ! -d /run/systemd/system ]; then
  echo "There is no systemd here: let the machine start $folder/keep-running as the user $user."
  exit 0
fi
fill_in uzima.service >/etc/systemd/system/uzima.service
systemctl daemon-reload
systemctl enable --now uzima
echo 'The service runs, and starts with the machine. The password of its administrator: sudo journalctl --unit uzima --grep admin'
