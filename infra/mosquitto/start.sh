#!/bin/sh
# Starts Mosquitto for Towline: makes the account of the control plane at the first start, then runs in the foreground.
#   MQTT_PASSWORD  of the account `control-plane`, as in MQTT_URL; used at the first start only
#   MQTT_DATA      where the accounts are kept (/mosquitto/data)
#   MQTT_HOST, MQTT_PORT   where it listens (0.0.0.0, 1883)
#   MQTT_CERT_FILE, MQTT_KEY_FILE   PEM files of the broker's certificate chain and key: with them it speaks TLS
#   MOSQUITTO_ROOT folder that holds Mosquitto's files as if it were /, for one that is not installed
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=${MOSQUITTO_ROOT:-}
data=${MQTT_DATA:-/mosquitto/data}
accounts=$data/dynamic-security.json
if [ -n "$root" ]; then
  PATH=$root/usr/sbin:$root/usr/bin:$PATH
  libraries=$(echo "$root"/usr/lib/*-linux-gnu*)
  export LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
fi
plugin=
for found in "$root"/usr/lib/mosquitto_dynamic_security.so "$root"/usr/lib/*/mosquitto_dynamic_security.so; do
  [ -e "$found" ] && plugin=$found
done
[ -n "$plugin" ] || { echo 'mosquitto_dynamic_security.so not found: install mosquitto 2' >&2; exit 1; }

mkdir -p "$data"
umask 077
if [ ! -s "$accounts" ]; then
  : "${MQTT_PASSWORD:?the first start needs the password of the account control-plane}"
  # Its own name only when it is whole: a kill in between must not leave a broker without its account.
  rm -f "$accounts.new"
  mosquitto_ctrl dynsec init "$accounts.new" control-plane "$MQTT_PASSWORD" >/dev/null
  mv "$accounts.new" "$accounts"
fi
# Mosquitto refuses files that others can read or that are not its own.
cp "$here/acl" "$data/acl"
if [ -n "${MQTT_CERT_FILE:-}" ]; then
  cp "$MQTT_CERT_FILE" "$data/cert.pem"
  cp "${MQTT_KEY_FILE:?a certificate needs its key}" "$data/key.pem"
fi
{
  cat "$here/mosquitto.conf"
  echo "listener ${MQTT_PORT:-1883} ${MQTT_HOST:-0.0.0.0}"
  if [ -n "${MQTT_CERT_FILE:-}" ]; then
    echo "certfile $data/cert.pem"
    echo "keyfile $data/key.pem"
  fi
  echo "acl_file $data/acl"
  echo "plugin $plugin"
  echo "plugin_opt_config_file $accounts"
  # It changes to the account `mosquitto` when it is root and there is one; the files belong to it then.
  if [ "$(id -u)" = 0 ] && id mosquitto >/dev/null 2>&1; then echo 'user mosquitto'; elif [ "$(id -u)" = 0 ]; then echo 'user root'; fi
} >"$data/mosquitto.conf"
if [ "$(id -u)" = 0 ] && id mosquitto >/dev/null 2>&1; then chown -R mosquitto "$data"; fi
exec mosquitto -c "$data/mosquitto.conf"
