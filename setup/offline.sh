#!/bin/bash
# Fills a folder with all that a box needs, for `provision.sh --offline` on a machine without a network.
# usage: sudo setup/offline.sh DIR
# Run it on a fresh machine of the same release and architecture, with a network: what is installed there
# already is not downloaded. apt checks its packages by the signatures of the system's sources, pip its own by
# setup/hashes/; SHA256SUMS then tells what a whole folder holds.
set -euo pipefail
[ -n "${1:-}" ] || { sed -n '2,6s/^# //p' "$0" >&2; exit 2; }
mkdir -p "$1"
dir=$(readlink -f "$1")
cd "$(dirname "$(readlink -f "$0")")/.."
log=$dir/offline.log
# shellcheck source=setup/lib.sh
. setup/lib.sh

version=$(fitting_version /usr/bin/python3)
[ "$(id -u)" = 0 ] || give_up "this needs root: run it with sudo."
[ -n "$version" ] || give_up "the system's Python does not serve: a box needs 3.11 to 3.13, 64-bit."

mapfile -t packages < <(box_packages "$version")
echo "moodbox: downloading ${packages[*]} avahi-daemon"
mkdir -p "$dir/partial"
apt_install --download-only -o "Dir::Cache::archives=$dir" "${packages[@]}" avahi-daemon ||
    give_up "apt-get could not download them: check the network, then run this again ($log has what it said)."
rm -rf "$dir/partial" "$dir/lock"

echo "moodbox: downloading the Python packages"
apt_install "python$version-venv"
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
/usr/bin/python3 -m venv "$tools" >>"$log" 2>&1
"$tools/bin/python" -m pip download --dest "$dir" --require-hashes --only-binary=:all: \
    --requirement "setup/hashes/python$version.txt" >>"$log" 2>&1 </dev/null ||
    give_up "pip could not download them: check the network, then run this again ($log has what it said)."
(cd "$dir" && sha256sum -- *.deb *.whl >SHA256SUMS)
echo "moodbox: $(du -sh "$dir" | cut -f1) in $dir"
