#!/bin/bash
# Does what a newcomer does on a bare Debian: clone, make demo, make test, and each once more.
# usage: newcomer.sh RELEASE [TARGET...]     RELEASE: bookworm or trixie; TARGET: demo test unless given
# Prints each target's output, its exit code and its time; ends with 0 only when all of them did.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
release=${1:?usage: newcomer.sh bookworm|trixie [TARGET...]}
shift
targets=("$@")
[ "$#" -gt 0 ] || targets=(demo test)

machine=newcomer-$release-$$
root=$("$here/roots.sh" fresh "$release" "$machine")
trap '"$here/roots.sh" drop "$machine"' EXIT
git clone --quiet --no-local "$(git -C "$here" rev-parse --show-toplevel)" "$root/root/moodbox"

report=()
failed=0
for target in "${targets[@]}" "${targets[@]}"; do
    began=$SECONDS code=0
    echo "== $release: make $target"
    "$here/roots.sh" run "$root" --chdir=/root/moodbox make "$target" || code=$?
    report+=("$release: make $target: exit $code after $((SECONDS - began)) s")
    [ "$code" = 0 ] || failed=1
done
printf '%s\n' "${report[@]}"
exit "$failed"
