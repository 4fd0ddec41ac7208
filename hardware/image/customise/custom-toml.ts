/** custom.toml, which Raspberry Pi OS bookworm reads before anything else and then deletes. Undocumented; for images that run no script first. */
import { toml } from './toml.ts'
import type { NodeDescription } from './types.ts'

export function customToml(description: NodeDescription): string {
  const { hostname, user, ssh, wifi, keymap, timezone } = description
  const keys = user?.authorizedKeys ?? []
  return toml(
    { config_version: 1 },
    {
      system: { hostname },
      user: user === undefined ? {} : { name: user.name, password: user.passwordHash ?? '!', password_encrypted: true },
      ssh: {
        enabled: ssh,
        password_authentication: ssh ? keys.length === 0 : undefined,
        authorized_keys: ssh && keys.length > 0 ? keys : undefined,
      },
      wlan:
        wifi === undefined || !isPlain(wifi.ssid)
          ? {}
          : {
              ssid: wifi.ssid,
              password: wifi.psk ?? undefined,
              password_encrypted: wifi.psk === null ? undefined : true,
              hidden: wifi.hidden,
              country: wifi.country,
            },
      locale: { keymap, timezone },
    },
  )
}

/** Whether a name of a network survives imager_custom, which writes it into a keyfile as it comes. */
export function isPlain(ssid: string): boolean {
  return /^[A-Za-z0-9_.-](?:[A-Za-z0-9_. -]*[A-Za-z0-9_.-])?$/.test(ssid)
}
