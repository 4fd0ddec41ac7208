#!/bin/sh
# Makes a freshly flashed machine a Hedgerow device. docs/flashing-formats.md, "The first start", says what it does and why.
#
#   first-boot.sh settings   name, account, network and so on, where the system has nothing of its own that would set them
#   first-boot.sh stage      copies itself and what it needs from the boot partition and has systemd run it at each start
#   first-boot.sh run        installs Node and Hedgerow, starts the device, takes the secrets off the boot partition
#
# Each may be run again at any time. What it leaves is complete also when the power fails: everything is written under
# another name, synced and renamed. HEDGEROW_ROOT (a folder to work in) and HEDGEROW_DELAYS (seconds) are for tests.
set -eu
umask 022

root=${HEDGEROW_ROOT:-}
delays=${HEDGEROW_DELAYS:-5 10 20 40 80}
here=$(cd "$(dirname "$0")" && pwd)
state=$root/var/lib/hedgerow-first-boot
opt=$root/opt/hedgerow
units=$root/etc/systemd/system
boot=$(dirname "$here")
mods=$root/usr/lib/raspberrypi-sys-mods/imager_custom

say() { echo "hedgerow-first-boot: $*" >&2; }

# A path that is on the disk, and not only in memory, once this returns.
settle() { sync "$@" 2>/dev/null || sync; }

# write_file PATH MODE: the file holds standard input, or what it held before.
write_file() {
  mkdir -p "$(dirname "$1")"
  (umask 077 && cat >"$1.hedgerow-new")
  chmod "$2" "$1.hedgerow-new"
  settle "$1.hedgerow-new"
  mv -f "$1.hedgerow-new" "$1"
  settle "$(dirname "$1")"
}

# point LINK TARGET: a symbolic link that always leads somewhere.
point() {
  rm -f "$1.hedgerow-new"
  ln -s "$2" "$1.hedgerow-new"
  mv -fT "$1.hedgerow-new" "$1"
  settle "$(dirname "$1")"
}

# What the owner finds on the boot partition when the card is put into another computer: one sentence.
status() {
  say "$1"
  {
    printf '%s\n' "$1"
    if [ -s "$state/problems" ]; then cat "$state/problems"; fi
  } >"$state/status"
  [ -w "$boot" ] || mount -o remount,rw "$boot" 2>/dev/null || return 0
  write_file "$boot/hedgerow-status.txt" 644 <"$state/status" || say "the boot partition cannot be written"
}

fail() {
  status "Not finished: $1"
  exit 1
}

# ---- settings: for systems that take none by themselves -------------------------------------------------------------

apply_hostname() {
  if [ -x "$mods" ]; then
    "$mods" set_hostname "$HEDGEROW_HOSTNAME"
    return
  fi
  old=$(tr -d ' \t\r\n' <"$root/etc/hostname" || true)
  printf '%s\n' "$HEDGEROW_HOSTNAME" | write_file "$root/etc/hostname" 644
  { grep -v "^127\.0\.1\.1[[:space:]]" "$root/etc/hosts" || true; printf '127.0.1.1\t%s\n' "$HEDGEROW_HOSTNAME"; } >"$state/hosts"
  write_file "$root/etc/hosts" 644 <"$state/hosts"
  [ "$old" = "$HEDGEROW_HOSTNAME" ] || say "this machine was called '$old'"
}

apply_user() {
  hash=${HEDGEROW_PASSWORD_HASH:-!}
  if [ -x "$root/usr/lib/userconf-pi/userconf" ]; then
    "$root/usr/lib/userconf-pi/userconf" "$HEDGEROW_USER" "$hash"
  else
    first=$(getent passwd 1000 | cut -d: -f1)
    if [ -z "$first" ]; then
      groups=
      for group in sudo adm dialout audio video plugdev netdev gpio i2c spi; do
        if getent group "$group" >/dev/null; then groups=$groups${groups:+,}$group; fi
      done
      useradd -m -u 1000 -s /bin/bash -G "$groups" "$HEDGEROW_USER"
    elif [ "$first" != "$HEDGEROW_USER" ]; then
      usermod -l "$HEDGEROW_USER" "$first"
      usermod -m -d "$(dirname "$(getent passwd 1000 | cut -d: -f6)")/$HEDGEROW_USER" "$HEDGEROW_USER"
      groupmod -n "$HEDGEROW_USER" "$first" || true
    fi
    printf '%s:%s\n' "$HEDGEROW_USER" "$hash" | chpasswd -e
  fi
  [ -s "$here/authorized_keys" ] || return 0
  home=$root$(getent passwd "$HEDGEROW_USER" | cut -d: -f6)
  mkdir -p "$home/.ssh"
  write_file "$home/.ssh/authorized_keys" 600 <"$here/authorized_keys"
  chmod 700 "$home/.ssh"
  chown -R "$HEDGEROW_USER:" "$home/.ssh"
}

apply_ssh() {
  if [ -s "$here/authorized_keys" ]; then
    printf '# Keys are known, so nobody may guess passwords.\nPasswordAuthentication no\n' |
      write_file "$root/etc/ssh/sshd_config.d/10-hedgerow.conf" 644
  fi
  systemctl enable ssh
}

# Not through imager_custom, which writes the name of the network as it comes: a backslash or a leading space would be lost.
apply_wifi() {
  if [ -d "$root/etc/NetworkManager" ]; then
    write_file "$root/etc/NetworkManager/system-connections/preconfigured.nmconnection" 600 <"$here/preconfigured.nmconnection"
  else
    write_file "$root/etc/wpa_supplicant/wpa_supplicant.conf" 600 <"$here/wpa_supplicant.conf"
  fi
}

apply_country() {
  if command -v raspi-config >/dev/null; then raspi-config nonint do_wifi_country "$HEDGEROW_COUNTRY"; fi
  if command -v rfkill >/dev/null; then rfkill unblock wifi || true; fi
  for file in "$root"/var/lib/systemd/rfkill/*:wlan; do
    if [ -f "$file" ]; then echo 0 >"$file"; fi
  done
}

apply_timezone() {
  if [ -x "$mods" ]; then
    "$mods" set_timezone "$HEDGEROW_TIMEZONE"
    return
  fi
  [ -f "$root/usr/share/zoneinfo/$HEDGEROW_TIMEZONE" ] || return 1
  printf '%s\n' "$HEDGEROW_TIMEZONE" | write_file "$root/etc/timezone" 644
  point "$root/etc/localtime" "/usr/share/zoneinfo/$HEDGEROW_TIMEZONE"
}

apply_keymap() {
  if [ -x "$mods" ]; then
    "$mods" set_keymap "$HEDGEROW_KEYMAP"
    return
  fi
  printf 'XKBMODEL="pc105"\nXKBLAYOUT="%s"\nXKBVARIANT=""\nXKBOPTIONS=""\nBACKSPACE="guess"\n' "$HEDGEROW_KEYMAP" |
    write_file "$root/etc/default/keyboard" 644
}

apply_locale() {
  name=${HEDGEROW_LOCALE%.*}
  { grep -v "^$name\.UTF-8 " "$root/etc/locale.gen" 2>/dev/null || true; printf '%s UTF-8\n' "$HEDGEROW_LOCALE"; } >"$state/locale.gen"
  write_file "$root/etc/locale.gen" 644 <"$state/locale.gen"
  locale-gen
  update-locale "LANG=$HEDGEROW_LOCALE"
}

settings() {
  . "$here/node.env"
  mkdir -p "$state"
  chmod 700 "$state"
  : >"$state/problems"
  for setting in $HEDGEROW_APPLY; do
    # In a process of its own: within a condition this one would go on after a command that failed.
    if sh "$0" setting "$setting"; then say "$setting is set"; else
      echo "The setting '$setting' could not be made; set it by hand, for instance with raspi-config." >>"$state/problems"
    fi
  done
}

# ---- stage: from the boot partition onto the system -----------------------------------------------------------------

stage() {
  mkdir -p "$state"
  chmod 700 "$state"
  if [ -e "$state/finished" ] && cmp -s "$here/node.env" "$state/seed/node.env"; then return 0; fi
  if [ ! -f "$here/node.env" ]; then
    [ -f "$state/seed/node.env" ] || fail "the file hedgerow/node.env is missing from the boot partition; prepare the card again."
    return 0
  fi
  if ! cmp -s "$here/node.env" "$state/seed/node.env"; then
    rm -rf "$state/seed.new" "$state/seed.old"
    mkdir -m 700 "$state/seed.new"
    cp -R "$here/." "$state/seed.new/"
    chmod -R go= "$state/seed.new"
    printf '%s\n' "$boot" >"$state/seed.new/boot-folder"
    sync
    rm -f "$state/done" "$state/finished"
    if [ -d "$state/seed" ]; then mv -T "$state/seed" "$state/seed.old"; fi
    mv -T "$state/seed.new" "$state/seed"
    settle "$state"
    rm -rf "$state/seed.old"
  fi
  write_file "$units/hedgerow-first-boot.service" 644 <"$state/seed/hedgerow-first-boot.service"
  systemctl enable hedgerow-first-boot.service
  if [ "${1:-}" = --start ]; then
    systemctl daemon-reload
    systemctl start --no-block hedgerow-first-boot.service
  fi
}

# ---- run: Node, Hedgerow, the service -------------------------------------------------------------------------------

# What this machine's programs are built for, in Node's words: the kernel may be of 64 bits and the programs of 32.
find_arch() {
  case $(dpkg --print-architecture 2>/dev/null || uname -m) in
    arm64 | aarch64) arch=arm64 ;;
    amd64 | x86_64) arch=x64 ;;
    armhf | armv7l) arch=armv7l ;;
    *) arch=$(uname -m) ;;
  esac
  case $(uname -m) in armv6l) fail "this board's processor (armv6) is too old for Node; use a Raspberry Pi Zero 2, 3 or newer." ;; esac
}

has_route() {
  awk 'NR > 1 && $2 == "00000000" { found = 1 } END { exit !found }' "$root/proc/net/route" 2>/dev/null ||
    awk '$1 ~ /^0+$/ && $2 == "00" && $10 != "lo" { found = 1 } END { exit !found }' "$root/proc/net/ipv6_route" 2>/dev/null
}

# Certificates are not valid yet on a board without a clock that has not heard the time.
has_time() { [ "$(date +%s)" -ge "$HEDGEROW_FLASHED_AT" ]; }

get() {
  if command -v curl >/dev/null; then curl -fsSL --connect-timeout 20 --max-time 1800 -o "$2" "$1"
  elif command -v wget >/dev/null; then wget -q --timeout=60 -O "$2" "$1"
  else python3 -c 'import sys, urllib.request; urllib.request.urlretrieve(sys.argv[1], sys.argv[2])' "$1" "$2"; fi
}

# again WORDS COMMAND...: tries with growing delays. A failure of all of them ends this run; systemd starts the next.
again() {
  words=$1
  shift
  for delay in $delays; do
    if has_route && has_time && "$@"; then return 0; fi
    say "$words did not work, trying again in $delay s"
    sleep "$delay"
  done
  if has_route && has_time && "$@"; then return 0; fi
  has_route || fail "there is no network: check the name and the password of the Wi-Fi and its country, or plug in a cable; it tries again by itself every few minutes."
  has_time || fail "the clock of this machine is wrong ($(date -u +%Y-%m-%d)) and no time server answered: let UDP port 123 through, or set the time; it tries again by itself every few minutes."
  fail "$words did not work: see whether $HEDGEROW_REGISTRY can be reached from this network; it tries again by itself every few minutes."
}

# fetch NAME VERSION SHA512 FOLDER: a package of the registry, unpacked.
fetch() {
  url=$HEDGEROW_REGISTRY/$1/-/$1-$2.tgz
  again "Fetching $1 $2 from the registry" get "$url" "$opt/.new/$1.tgz"
  if [ "$(sha512sum "$opt/.new/$1.tgz" | cut -d' ' -f1)" != "$3" ]; then
    fail "$url is not the file that it should be: something between this machine and the registry changed or cut it; it tries again by itself."
  fi
  mkdir -p "$4"
  tar -xzf "$opt/.new/$1.tgz" -C "$4" --strip-components=1
  rm -f "$opt/.new/$1.tgz"
}

unpack_bundle() {
  bundle=$boot/$HEDGEROW_BUNDLE
  [ -f "$bundle" ] || fail "the bundle $HEDGEROW_BUNDLE is not on the boot partition; prepare the card again."
  if [ "$(sha256sum "$bundle" | cut -d' ' -f1)" != "$HEDGEROW_BUNDLE_SHA256" ]; then
    fail "the bundle $HEDGEROW_BUNDLE on the boot partition is damaged: prepare the card again, or take another card."
  fi
  tar -xf "$bundle" -C "$opt/.new" || fail "the bundle $HEDGEROW_BUNDLE cannot be unpacked: is the card full, or xz missing?"
  [ -x "$opt/.new/node/$arch/bin/node" ] || fail "the bundle holds no Node for this system ($arch): flash the 64-bit system, or make a bundle with it."
}

fetch_node() {
  case $arch in
    arm64) sum=$HEDGEROW_NODE_SHA512_ARM64 ;;
    x64) sum=$HEDGEROW_NODE_SHA512_X64 ;;
    *) fail "there is no Node $HEDGEROW_NODE_VERSION for 32-bit systems: flash the 64-bit system." ;;
  esac
  fetch "node-linux-$arch" "$HEDGEROW_NODE_VERSION" "$sum" "$opt/.new/node/$arch"
}

# The newest of it when no version is asked for. npm checks what it fetches by the registry's own sums.
fetch_hedgerow() {
  fetch npm "$HEDGEROW_NPM_VERSION" "$HEDGEROW_NPM_SHA512" "$opt/.new/npm"
  again "Fetching hedgerow from the registry" npm_pack
  mkdir -p "$opt/.new/hedgerow"
  tar -xzf "$opt"/.new/hedgerow-*.tgz -C "$opt/.new/hedgerow" --strip-components=1
  again "Fetching what hedgerow needs from the registry" npm_install
}

npm() {
  PATH=$opt/.new/node/$arch/bin:$PATH HOME=$opt/.new npm_config_cache=$opt/.new/cache \
    "$opt/.new/node/$arch/bin/node" "$opt/.new/npm/bin/npm-cli.js" --registry "$HEDGEROW_REGISTRY" --no-audit --no-fund --no-update-notifier "$@"
}
npm_pack() { npm pack --pack-destination "$opt/.new" "hedgerow@${HEDGEROW_VERSION:-latest}" >/dev/null; }
npm_install() { (cd "$opt/.new/hedgerow" && npm install --omit=dev --omit=optional --ignore-scripts); }

# version_of NODE PACKAGE
version_of() { "$1" -p 'JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8")).version ?? ""' "$2/package.json"; }

install_all() {
  find_arch
  rm -rf "$opt/.new"
  mkdir -p "$opt/.new" "$opt/releases"
  if [ "$HEDGEROW_INSTALL" = bundle ]; then unpack_bundle; else
    fetch_node
    fetch_hedgerow
  fi
  node=$("$opt/.new/node/$arch/bin/node" --version) || fail "the Node on this card does not run on this system ($arch)."
  version=$(version_of "$opt/.new/node/$arch/bin/node" "$opt/.new/hedgerow") || version=
  [ -n "$version" ] || fail "what was fetched is not Hedgerow: it has no version in its package.json."
  if [ -n "$HEDGEROW_VERSION" ] && [ "$version" != "$HEDGEROW_VERSION" ]; then
    fail "the bundle holds Hedgerow $version, and this card asks for $HEDGEROW_VERSION; make another bundle."
  fi
  sync
  if [ ! -d "$opt/node-$node-$arch" ]; then mv -T "$opt/.new/node/$arch" "$opt/node-$node-$arch"; fi
  if [ ! -d "$opt/releases/$version" ]; then mv -T "$opt/.new/hedgerow" "$opt/releases/$version"; fi
  point "$opt/node" "node-$node-$arch"
  point "$opt/current" "releases/$version"
  launcher=$opt/current/dist/device/launcher.mjs
  if [ -f "$launcher" ]; then write_file "$opt/launcher.mjs" 644 <"$launcher"; fi
  write_file "$opt/start" 755 <"$seed/start"
  rm -rf "$opt/.new"
}

# place NAME PATH MODE: a file of the seed, if this card has it.
place() {
  if [ -f "$seed/$1" ]; then write_file "$2" "$3" <"$seed/$1"; fi
}

configure() {
  mkdir -p "$root/etc/hedgerow"
  chmod 700 "$root/etc/hedgerow"
  for name in device.env sensors.yaml governor.yaml; do place "$name" "$root/etc/hedgerow/$name" 600; done
  for name in hedgerow-device.service hedgerow-device-again.service hedgerow-device-again.timer; do place "$name" "$units/$name" 644; done
  for name in 10-flash.conf 20-sensors.conf; do place "$name" "$units/hedgerow-device.service.d/$name" 644; done
  place hedgerow-modules.conf "$root/etc/modules-load.d/hedgerow.conf" 644
  place hedgerow-watchdog.conf "$root/etc/systemd/system.conf.d/10-hedgerow-watchdog.conf" 644
  mkdir -p "$root/usr/local/bin"
  point "$root/usr/local/bin/hedgerow" /opt/hedgerow/start
  if [ -f "$seed/hedgerow-modules.conf" ]; then systemctl restart systemd-modules-load.service || true; fi
}

# Whether the service still runs after a while; one that cannot start is started again and again, and is not active in between.
stays_up() {
  for _ in 1 2 3; do
    sleep "${delays%% *}"
    systemctl is-active --quiet hedgerow-device.service || return 1
  done
}

# Nothing secret stays where any computer with a card reader sees it.
clean() {
  [ -w "$boot" ] || mount -o remount,rw "$boot" 2>/dev/null || true
  if [ -d "$seed/after" ]; then
    (cd "$seed/after" && find . -type f) | while read -r name; do write_file "$boot/$name" 644 <"$seed/after/$name"; done
  fi
  if [ -n "$HEDGEROW_BUNDLE" ]; then rm -f "$boot/$HEDGEROW_BUNDLE"; fi
  rm -rf "$boot/hedgerow"
  for name in $HEDGEROW_SECRETS; do rm -f "$boot/$name"; done
  settle "$boot"
}

run() {
  seed=$state/seed
  . "$seed/node.env"
  boot=$(cat "$seed/boot-folder")
  if [ -e "$state/finished" ]; then return 0; fi
  if [ ! -e "$state/done" ]; then
    install_all
    configure
    systemctl daemon-reload
    systemctl enable hedgerow-device.service hedgerow-device-again.timer
    systemctl restart hedgerow-device.service hedgerow-device-again.timer || true
    stays_up || fail "Hedgerow is installed, but its service does not stay up: 'journalctl -u hedgerow-device' on this machine says why."
    : | write_file "$state/done" 644
  fi
  clean
  rm -rf "$seed/after" "$seed/device.env" "$seed/governor.yaml" "$seed/authorized_keys" "$seed/preconfigured.nmconnection" "$seed/wpa_supplicant.conf"
  status "Done: Hedgerow $(version_of "$opt/node/bin/node" "$opt/current") is installed and its service runs; 'journalctl -u hedgerow-device' on this machine shows what it does."
  : | write_file "$state/finished" 644
  systemctl disable hedgerow-first-boot.service
}

case ${1:-} in
  settings) settings ;;
  setting)
    . "$here/node.env"
    "apply_$2"
    ;;
  stage) stage "${2:-}" ;;
  run) run ;;
  *)
    echo "usage: $0 settings | stage [--start] | run" >&2
    exit 64
    ;;
esac
