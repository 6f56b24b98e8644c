#!/bin/sh
# Fetches Debian packages with what they need and unpacks them, without root and without installing anything.
# usage: tools/debian-packages.sh PACKAGE
# Prints the folder that holds their files as if it were /. Tests use it for programs that npm does not have, such as Mosquitto.
set -eu

package=$1
checkout=$(cd "$(dirname "$0")/.." && pwd)
# Of each user its own: a folder that root made could not be written by anybody else.
place=${TOWLINE_DEBS:-$checkout/.towline/debs-$(id -u)}/$package
root=$place/root

fetch() {
  state=$place/state
  cache=$place/cache
  mkdir -p "$state/lists/partial" "$cache/archives/partial"
  set -- -q -o "Dir::State=$state" -o "Dir::State::lists=$state/lists" -o Dir::State::status=/var/lib/dpkg/status \
    -o "Dir::Cache=$cache" -o Debug::NoLocking=1 -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=3
  apt-get "$@" update
  apt-get "$@" install --yes --no-install-recommends --download-only "$package"
  rm -rf "$root.new" && mkdir -p "$root.new"
  for archive in "$cache"/archives/*.deb; do dpkg -x "$archive" "$root.new"; done
  rm -rf "$state" "$cache"
  mv -T "$root.new" "$root"
}

mkdir -p "$place"
# One fetches, whoever comes at the same time waits for it. What apt says goes to stderr: stdout is the answer.
exec 9>"$place/lock"
flock 9
[ -d "$root" ] || fetch >&2
echo "$root"
