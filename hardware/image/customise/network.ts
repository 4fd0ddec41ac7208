/** A wireless network in the words of NetworkManager, wpa_supplicant and netplan. */
import { toHex, utf8 } from '../../../protocol/index.ts'
import { machineYaml, quotedKey } from '../yaml.ts'
import type { NodeWifi } from './types.ts'

/** A NetworkManager keyfile. The name is a list of bytes, which needs no escapes. */
export function networkManagerFile({ ssid, psk, hidden }: NodeWifi): string {
  const security = psk === null ? [] : ['', '[wifi-security]', 'key-mgmt=wpa-psk', `psk=${psk}`]
  return [
    '[connection]',
    'id=preconfigured',
    'type=wifi',
    'autoconnect-retries=0',
    '',
    '[wifi]',
    'mode=infrastructure',
    `ssid=${[...utf8(ssid)].map(byte => `${byte};`).join('')}`,
    `hidden=${hidden}`,
    ...security,
    '',
    '[ipv4]',
    'method=auto',
    '',
    '[ipv6]',
    'addr-gen-mode=default',
    'method=auto',
    '',
  ].join('\n')
}

/** wpa_supplicant.conf, for systems before NetworkManager. A name without quotes is hex. */
export function wpaSupplicantFile({ ssid, psk, hidden, country }: NodeWifi): string {
  const lines = [
    `country=${country}`,
    'ctrl_interface=DIR=/var/run/wpa_supplicant GROUP=netdev',
    'update_config=1',
    '',
    'network={',
    `\tssid=${toHex(utf8(ssid))}`,
    ...(hidden ? ['\tscan_ssid=1'] : []),
    ...(psk === null ? ['\tkey_mgmt=NONE'] : ['\tkey_mgmt=WPA-PSK', `\tpsk=${psk}`]),
    '}',
    '',
  ]
  return lines.join('\n')
}

/**
 * cloud-init's network-config, netplan version 2. The cable is named too: this file replaces what the image came with.
 * @param psk - what stands for the key; the description's own when left out
 */
export function networkConfig(wifi: NodeWifi, psk: string | null = wifi.psk): string {
  const point = {
    ...(wifi.hidden ? { hidden: true } : {}),
    ...(psk === null ? { auth: { 'key-management': 'none' } } : { password: psk }),
  }
  return machineYaml({
    network: {
      version: 2,
      ethernets: { eth0: { dhcp4: true, dhcp6: true, optional: true } },
      wifis: {
        wlan0: {
          dhcp4: true,
          optional: true,
          'regulatory-domain': wifi.country,
          'access-points': new Map([[quotedKey(wifi.ssid), point]]),
        },
      },
    },
  })
}
