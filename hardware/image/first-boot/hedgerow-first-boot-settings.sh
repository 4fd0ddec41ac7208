#!/bin/sh
# shellcheck disable=SC2154
# One function for each setting that a system without cloud-init or the like does not make by itself. Read by first-boot.sh, which has
# write_file, point, say, root, state and here, and the values of node.env.

mods=$root/usr/lib/raspberrypi-sys-mods/imager_custom

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
