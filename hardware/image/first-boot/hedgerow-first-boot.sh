#!/bin/sh
# Makes a freshly flashed machine a Hedgerow device. docs/flashing-formats.md, "The first start", says what it does and why.
#
#   first-boot.sh settings   name, account, network and so on, where the system has nothing of its own that would set them
#   first-boot.sh stage      copies itself and what it needs from the boot partition and has systemd run it at each start
#   first-boot.sh run        installs Node and Hedgerow, starts the device, takes the secrets off the boot partition, and
#                            stays until the device is in its region, or says on the boot partition why it is not
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

NO_NETWORK='there is no network: check the name and the password of the Wi-Fi and its country, or plug in a cable; it tries again by itself every few minutes.'

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
  # Cards wear out by writing, and this may be said every few minutes for days.
  if cmp -s "$state/status" "$boot/hedgerow-status.txt"; then return 0; fi
  [ -w "$boot" ] || mount -o remount,rw "$boot" 2>/dev/null || return 0
  write_file "$boot/hedgerow-status.txt" 644 <"$state/status" || say "the boot partition cannot be written"
}

fail() {
  status "Not finished: $1"
  exit 1
}

# ---- settings: for systems that take none by themselves -------------------------------------------------------------

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
  has_route || fail "$NO_NETWORK"
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

# What this card asks for, in a line; nothing when it asks for the newest, which may be another every day.
asked_for() {
  if [ "$HEDGEROW_INSTALL" = bundle ]; then echo "bundle $HEDGEROW_BUNDLE_SHA256 ${HEDGEROW_VERSION:+of $HEDGEROW_VERSION }for $arch"
  elif [ -n "$HEDGEROW_VERSION" ]; then echo "hedgerow $HEDGEROW_VERSION with Node $HEDGEROW_NODE_VERSION for $arch"; fi
}

# sum_of FOLDER: of the names and the bytes of all files in it.
sum_of() { (cd "$opt/$1" && find . -type f -exec sha256sum {} + | LC_ALL=C sort | sha256sum | cut -d' ' -f1); }

# Whether that is here already and whole: a card that gets another claim, or another network, need not install it again.
is_installed() {
  [ -n "$1" ] && [ -s "$opt/installed" ] || return 1
  { read -r what && read -r node_folder node_sum && read -r release release_sum; } <"$opt/installed" || return 1
  [ "$what" = "$1" ] && [ "$(readlink "$opt/node")" = "$node_folder" ] && [ "$(readlink "$opt/current")" = "$release" ] &&
    [ "$(sum_of "$node_folder")" = "$node_sum" ] && [ "$(sum_of "$release")" = "$release_sum" ]
}

# take NEW NAME: sets 'taken' to the folder that has the files of NEW from now on. One of that name with other files, damaged
# ones perhaps, is left alone: the device may run from it.
take() {
  taken=$2
  while [ -d "$opt/$taken" ]; do
    if [ "$(sum_of "$1")" = "$(sum_of "$taken")" ]; then return 0; fi
    taken=$taken.again
  done
  mv -T "$opt/$1" "$opt/$taken"
}

install_all() {
  find_arch
  asked=$(asked_for)
  if is_installed "$asked"; then
    say "$asked is installed already"
    return 0
  fi
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
  take ".new/node/$arch" "node-$node-$arch"
  point "$opt/node" "$taken"
  take .new/hedgerow "releases/$version"
  point "$opt/current" "$taken"
  launcher=$opt/current/dist/device/launcher.mjs
  if [ -f "$launcher" ]; then write_file "$opt/launcher.mjs" 644 <"$launcher"; fi
  rm -rf "$opt/.new"
  [ -n "$asked" ] || return 0
  for folder in node current; do set -- "$@" "$(readlink "$opt/$folder")" "$(sum_of "$folder")"; done
  printf '%s\n%s %s\n%s %s\n' "$asked" "$@" | write_file "$opt/installed" 644
}

# place NAME PATH MODE: a file of the seed, if this card has it.
place() {
  if [ -f "$seed/$1" ]; then write_file "$2" "$3" <"$seed/$1"; fi
}

configure() {
  write_file "$opt/start" 755 <"$seed/start"
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

# Whether the service runs; when it is between two starts, 'words' is why the last one ended, in the words of the device.
is_up() {
  if systemctl is-active --quiet hedgerow-device.service; then return 0; fi
  words=$(said 20 | sed -n 's/^hedgerow: //p' | tail -n 1)
  return 1
}

# said LINES: the newest lines of the device in the journal.
said() { journalctl --quiet --boot --lines="$1" --output=cat _SYSTEMD_UNIT=hedgerow-device.service 2>/dev/null || true; }

# Whether the service stays up for a while, or ends with a sentence of the device, and not because it cannot be started.
stays_up() {
  words=
  for _ in 1 2 3; do
    sleep "${delays%% *}"
    is_up || [ -n "$words" ] || return 1
  done
}

# Waits until the device is in its region, where it tries to get without this script. What this is for is to say why it is not.
await_region() {
  for delay in $delays 0; do
    words=
    if is_up; then
      # Renewed each minute; the journal may know more.
      words=$(systemctl show --property=StatusText --value hedgerow-device.service 2>/dev/null) || words=
      newest=$(said 1)
      # device/explain.ts begins like that when the region has let the device in.
      case $words in 'Ready: '* | 'Working: '* | 'Takes no work: '*) return 0 ;; esac
      case $newest in 'Ready: '* | 'Working: '* | 'Takes no work: '*) return 0 ;; esac
      words=${words:-$newest}
    elif [ -n "$words" ]; then break; fi
    sleep "$delay"
  done
  has_route || fail "Hedgerow is installed, and $NO_NETWORK"
  # Without the time until the next try, which is another each time.
  words=$(printf '%s' "${words:-It says nothing yet.}" | sed 's/ Next try in [0-9]* s\.//')
  fail "Hedgerow is installed, and this device is not in its region yet. $words"
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
  # A card that was prepared again: rpi-preseed looks at its file only once, unless it is asked to.
  if [ -f "$boot/hedgerow/node.env" ] && ! cmp -s "$boot/hedgerow/node.env" "$seed/node.env"; then
    if [ -f "$boot/rpi-preseed.toml" ] && [ -e "$root/var/lib/rpi-preseed/applied" ]; then
      rpi-preseed apply --phase base || say "rpi-preseed did not take the new settings"
    fi
    sh "$boot/hedgerow/first-boot.sh" stage
    exec sh "$seed/first-boot.sh" run
  fi
  if [ -e "$state/finished" ]; then return 0; fi
  if [ ! -e "$state/done" ]; then
    install_all
    configure
    systemctl daemon-reload
    systemctl enable hedgerow-device.service hedgerow-device-again.timer
    systemctl reset-failed hedgerow-device.service 2>/dev/null || true
    systemctl restart hedgerow-device.service hedgerow-device-again.timer || true
    stays_up || fail "Hedgerow is installed, but its service does not stay up: 'journalctl -u hedgerow-device' on this machine says why."
    : | write_file "$state/done" 644
  fi
  clean
  rm -rf "$seed/after" "$seed/device.env" "$seed/governor.yaml" "$seed/authorized_keys" "$seed/preconfigured.nmconnection" "$seed/wpa_supplicant.conf"
  await_region
  status "Done: Hedgerow $(version_of "$opt/node/bin/node" "$opt/current") is installed, and this device is in its region; 'journalctl -u hedgerow-device' on this machine shows what it does."
  : | write_file "$state/finished" 644
}

case ${1:-} in
  settings) settings ;;
  setting)
    . "$here/node.env"
    . "$here/settings.sh"
    "apply_$2"
    ;;
  stage) stage "${2:-}" ;;
  run) run ;;
  *)
    echo "usage: $0 settings | stage [--start] | run" >&2
    exit 64
    ;;
esac
