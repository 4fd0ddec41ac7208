/** Can the broker be reached, and does it speak MQTT? */
import { broken, type Finding, warning, well } from '../../protocol/index.ts'
import { parseMqttAddress } from '../link/mqtt-address.ts'
import { type Reached, reach, StepFailure } from './reach.ts'

export interface BrokerPorts {
  readonly mqttUrl: string
  /** SHA-256 of the key of the region's own TLS authority; null where it is none of its own. */
  readonly caKeySha256: Uint8Array | null
  readonly wallMs: number
  /** For each step of the way. Default 5 s. */
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 5_000
const DAY_MS = 86_400_000
const CERTIFICATE_WARNING_DAYS = 14
/** MQTT 3.1.1: CONNECT, level 4, clean session, keepalive 5 s, client `doctor`. It has no password, so a coordinator refuses it politely. */
const CONNECT = Uint8Array.from([0x10, 18, 0, 4, ...Buffer.from('MQTT'), 4, 2, 0, 5, 0, 6, ...Buffer.from('doctor')])
const CONNACK_TYPE = 0x20
const CONNACK_BYTES = 4

export async function checkBroker({
  mqttUrl,
  caKeySha256,
  wallMs,
  timeoutMs = TIMEOUT_MS,
}: BrokerPorts): Promise<Finding[]> {
  const { host, port, tls } = parseMqttAddress(mqttUrl)
  const place = `${host}:${port}`
  try {
    const trust = tls ? { caKeySha256, nowMs: () => wallMs } : null
    const reached = await reach({ host, port, trust, says: CONNECT, answerBytes: CONNACK_BYTES, timeoutMs })
    if (reached.answer[0] !== CONNACK_TYPE) {
      return [
        broken(
          'broker',
          `Something at ${place} answers, and it does not speak MQTT.`,
          'Ask the operator for the right address and port, and join with a new claim if it has changed.',
        ),
      ]
    }
    return [well('broker', `The broker at ${place} answers.`), ...certificate(reached, wallMs)]
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error
    return [failed(error, host, place)]
  }
}

function certificate({ certificateEndsMs }: Reached, wallMs: number): Finding[] {
  if (certificateEndsMs === null) return []
  const days = Math.floor((certificateEndsMs - wallMs) / DAY_MS)
  const until = new Date(certificateEndsMs).toISOString().slice(0, 10)
  const fix =
    'The operator renews it where the coordinator runs. If the date looks wrong, look at this machine’s clock first.'
  if (days < 0) return [broken('certificate', `The broker's certificate ended on ${until}.`, fix)]
  const says = `The broker's certificate is good until ${until}.`
  return [days < CERTIFICATE_WARNING_DAYS ? warning('certificate', says, fix) : well('certificate', says)]
}

function failed({ step, code, says }: StepFailure, host: string, place: string): Finding {
  switch (step) {
    case 'name':
      return broken(
        'broker',
        `The name ${host} has no address here (${code}).`,
        `Try: ping ${host}. If other names work, the name is wrong or only known elsewhere; if none do, the network or its DNS is down.`,
      )
    case 'connection':
      return code === 'ECONNREFUSED'
        ? broken(
            'broker',
            `The machine at ${place} is there, and nothing listens on that port.`,
            'Start the coordinator there. If it runs, it listens on 127.0.0.1 alone: start it with --host 0.0.0.0.',
          )
        : broken(
            'broker',
            `No connection to ${place} comes about (${code}).`,
            `Try: ping ${host}. Then look at the Wi-Fi (nmcli device), and whether a firewall lets the port through: nc -vz ${place.replace(':', ' ')}.`,
          )
    case 'encryption':
      return broken(
        'broker',
        says || `${place} is there, and no encrypted connection comes about (${code}).`,
        'Ask the operator whether the region has changed its address or its certificate, and for a new claim if so; a wrong clock on this machine looks the same.',
      )
    case 'answer':
      return broken(
        'broker',
        `${place} takes the connection and does not answer as a broker does (${code}).`,
        'Restart the coordinator there. If something else uses the port, give the coordinator another one with --port.',
      )
  }
}
