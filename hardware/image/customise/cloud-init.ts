/** cloud-init: meta-data, user-data and network-config, as Ubuntu and Raspberry Pi OS from trixie on read them. */
import { machineYaml } from '../yaml.ts'
import { networkConfig } from './network.ts'
import type { NodeDescription } from './types.ts'

/** Names this preparation. A new name makes the system take the settings again, even if it was started before. */
export const instanceId = (nowMs: number): string => `hedgerow-${nowMs}`

/** The hyphen of the key matters: `instance_id`, as the images have it, is not seen at all. */
export function metaData(nowMs: number): string {
  return machineYaml({ 'instance-id': instanceId(nowMs), dsmode: 'local' })
}

/**
 * What the system is to become.
 * @param stage - the command that copies the first-start script from the boot partition
 * @param rpi - whether the module `rpi` is there
 */
export function userData(description: NodeDescription, stage: string, rpi: boolean): string {
  const { ssh, country, wifi } = description
  return document({
    ...lasting(description),
    ...localeOf(description),
    ...userOf(description),
    ...(rpi ? interfacesOf(description) : {}),
    // On every start until the script has taken it away: the commands below run once, even if the power fails in them.
    bootcmd: [['sh', '-c', `[ ! -f ${stage} ] || sh ${stage} stage`]],
    runcmd: [
      ...(ssh ? [['systemctl', 'enable', '--now', 'ssh']] : []),
      ...(country !== undefined && wifi === undefined
        ? [
            ['sh', '-c', 'rfkill unblock wifi || true'],
            ['sh', '-c', 'for file in /var/lib/systemd/rfkill/*:wlan; do [ ! -f "$file" ] || echo 0 >"$file"; done'],
          ]
        : []),
      ['sh', '-c', `[ ! -f ${stage} ] || sh ${stage} stage --start`],
    ],
  })
}

/** What is left of user-data after the first start: nothing secret, and the name, which is set again at each start. */
export function userDataAfter(description: NodeDescription): string {
  return document(lasting(description))
}

/** network-config without its key. It is read again only for a new instance. */
export function networkConfigAfter(description: NodeDescription): string | null {
  const { wifi } = description
  if (wifi === undefined) return null
  return networkConfig(wifi, wifi.psk === null ? null : 'removed-after-the-first-start')
}

const document = (value: unknown): string => `#cloud-config\n${machineYaml(value)}`

function lasting({ hostname }: NodeDescription) {
  return { manage_resolv_conf: false, hostname, manage_etc_hosts: true }
}

function localeOf({ timezone, keymap, locale }: NodeDescription) {
  return {
    ...(timezone === undefined ? {} : { timezone }),
    ...(keymap === undefined ? {} : { keyboard: { model: 'pc105', layout: keymap } }),
    ...(locale === undefined ? {} : { locale }),
  }
}

/**
 * The singular `user:` renames the system's first account and keeps its groups; a `users:` list would make one without.
 * `sudo: null` is said because leaving it out means sudo without a password.
 */
function userOf({ user, ssh }: NodeDescription) {
  if (user === undefined) return {}
  const { name, passwordHash, authorizedKeys } = user
  return {
    user: {
      name,
      shell: '/bin/bash',
      ...(passwordHash === undefined ? { lock_passwd: true } : { lock_passwd: false, passwd: passwordHash }),
      ...(authorizedKeys.length === 0 ? {} : { ssh_authorized_keys: authorizedKeys }),
      sudo: null,
    },
    ...(ssh ? { ssh_pwauth: authorizedKeys.length === 0 } : {}),
  }
}

/** Only what is wished for: `serial` reboots the machine, and `false` would switch off what the image has on. */
function interfacesOf({ interfaces }: NodeDescription) {
  const { i2c, spi, onewire, serial } = interfaces
  const wanted = {
    ...(i2c ? { i2c } : {}),
    ...(spi ? { spi } : {}),
    ...(onewire ? { onewire } : {}),
    // With the console on it the port would not be the sensor's, and the console is on unless it is named.
    ...(serial ? { serial: { console: false, hardware: true } } : {}),
  }
  return Object.keys(wanted).length === 0 ? {} : { rpi: { interfaces: wanted } }
}
