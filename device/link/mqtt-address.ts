import { ConfigError } from '../../protocol/index.ts'

/** A broker's address taken apart. */
export interface MqttAddress {
  readonly host: string
  readonly port: number
  readonly tls: boolean
}

const PORTS = { 'mqtt:': 1883, 'mqtts:': 8883 } as const

/**
 * Reads `mqtt://host[:port]` or `mqtts://host[:port]`.
 * @throws {ConfigError} `bad_option`
 */
export function parseMqttAddress(address: string): MqttAddress {
  const url = URL.canParse(address) ? new URL(address) : null
  const scheme = url?.protocol
  if (url === null || (scheme !== 'mqtt:' && scheme !== 'mqtts:') || url.hostname === '') {
    const reason = 'it must have the form mqtt://host:port or mqtts://host:port'
    throw new ConfigError(
      { code: 'bad_option', path: 'address', reason },
      `The broker address '${address}' cannot be used: ${reason}.`,
    )
  }
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname
  return { host, port: url.port === '' ? PORTS[scheme] : Number(url.port), tls: scheme === 'mqtts:' }
}
