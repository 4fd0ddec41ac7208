/** rpi-preseed.toml, the newest way of Raspberry Pi OS. It blanks its secrets by itself when it has taken them. */
import { toHex, utf8 } from '../../../protocol/index.ts'
import { toml } from './toml.ts'
import type { NodeDescription } from './types.ts'

/** @param stage - the command that copies the first-start script from the boot partition */
export function preseedToml(description: NodeDescription, stage: string): string {
  const { hostname, user, ssh, wifi, keymap, timezone, locale, interfaces } = description
  const keys = user?.authorizedKeys ?? []
  return toml(
    { config_version: '1.0' },
    {
      system: { hostname },
      user:
        user === undefined
          ? {}
          : {
              name: user.name,
              password: user.passwordHash ?? '!',
              password_encrypted: true,
              passwordless_sudo: false,
            },
      ssh: ssh
        ? {
            enabled: true,
            password_authentication: keys.length === 0,
            authorized_keys: keys.length === 0 ? undefined : keys,
          }
        : {},
      wlan:
        wifi === undefined
          ? {}
          : {
              // Its writer puts `ssid` into a keyfile as it comes; bytes in hex need no escapes there.
              ssid_hex: toHex(utf8(wifi.ssid)),
              password: wifi.psk ?? undefined,
              password_encrypted: wifi.psk === null ? undefined : true,
              hidden: wifi.hidden,
              country: wifi.country,
              key_mgmt: wifi.psk === null ? 'none' : 'wpa-psk',
            },
      locale: { keymap, timezone, locales: locale === undefined ? undefined : [locale], lang: locale },
      interfaces: {
        i2c: interfaces.i2c || undefined,
        spi: interfaces.spi || undefined,
        onewire: interfaces.onewire || undefined,
        serial: interfaces.serial ? 'hardware' : undefined,
      },
      runcmd: {
        // The file system is there and nothing needs the network yet; the rest is the script's own service.
        early: [`sh ${stage} stage`],
        early_cmd_timeout: 20,
        late: [`test ! -f ${stage} || sh ${stage} stage --start`],
        late_require_time_sync: false,
        late_gate_timeout: 30,
      },
    },
  )
}
