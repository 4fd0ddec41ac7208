/** What the MQTT client and the operating system report, as sentences. */
import { TransportError } from '../../protocol/index.ts'

/** CONNACK return codes of MQTT 3.1.1 §3.2.2.3. */
const REFUSALS: Readonly<Record<number, string>> = {
  1: 'it does not speak MQTT 3.1.1',
  2: 'it does not accept the device id',
  3: 'it takes no more connections at the moment',
  4: 'it does not accept the signed counter of this device',
  5: 'it does not let this device in',
}

/** Errors of a connection that never came to be, so that nothing was sent. */
const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'there is no such name',
  EAI_AGAIN: 'its name cannot be looked up at the moment',
  EHOSTUNREACH: 'there is no way to that machine',
  ENETUNREACH: 'this machine has no network',
  ETIMEDOUT: 'nothing answers there',
}

/** The failure behind an `error` event of the client before the connection was ready. */
export function mqttFailure(address: string, thrown: unknown, timeoutMs: number): TransportError {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
  if (typeof code === 'number') {
    return new TransportError(
      { code: 'refused', address, reason: `connack ${code}` },
      `The broker at ${address} refuses the connection: ${REFUSALS[code] ?? `it answers with code ${code}`}.`,
      { cause: thrown },
    )
  }
  if (thrown instanceof Error && thrown.message === 'connack timeout') return connectTimeout(address, timeoutMs, thrown)
  const why = typeof code === 'string' ? UNREACHABLE[code] : undefined
  if (why === undefined) return linkClosed(address, thrown)
  const message = `The broker at ${address} cannot be reached: ${why}.`
  return new TransportError({ code: 'unreachable', address }, message, { cause: thrown })
}

/** The connection went away. */
export function linkClosed(address: string, cause?: unknown): TransportError {
  const message = `The broker at ${address} closed the connection.`
  return new TransportError({ code: 'closed', address }, message, cause === undefined ? undefined : { cause })
}

function connectTimeout(address: string, timeoutMs: number, cause: unknown): TransportError {
  const message = `The broker at ${address} does not answer within ${timeoutMs / 1000} s.`
  return new TransportError({ code: 'timeout', address, timeoutMs }, message, { cause })
}
