/**
 * Who may connect, publish and subscribe. Everything is refused that is not allowed by a rule here, and no rule looks at
 * more than its arguments.
 */
import {
  type DeviceId,
  deviceId,
  fromUtf8,
  HOME_ASSISTANT_STATUS,
  LIMITS,
  mayPublish,
  maySubscribe,
  type Principal,
  parseTopic,
  type RegionName,
  type SubmitterName,
  submitterName,
  type Topic,
} from '../../protocol/index.ts'

/** The user name under which devices connect; no submitter can have it. */
export const DEVICE_USER_NAME = 'device'

/** What a CONNECT packet said. */
export interface ConnectRequest {
  /** Empty when the client leaves it to the broker to name it. */
  readonly clientId: string
  /** False when it asks for a session that outlives the connection; it never gets one. */
  readonly clean: boolean
  readonly username: string | undefined
  readonly password: Uint8Array | undefined
  /** Topic of the will; null when there is none. */
  readonly willTopic: string | null
  readonly keepaliveSeconds: number
}

/** A client that is gone is noticed after one and a half of it; 0 would mean never, and is refused too. */
const KEEPALIVE_SECONDS_MAX = 300

/** A CONNECT that is well formed; whether it is also true is for the hooks to say. */
export type Credentials =
  | { readonly kind: 'device'; readonly id: DeviceId; readonly frame: Uint8Array }
  | { readonly kind: 'submitter'; readonly name: SubmitterName; readonly token: string }

/** Return codes of CONNACK [MQTT-3.2.2-4]. */
export const CONNACK = { identifierRejected: 2, serverUnavailable: 3, badCredentials: 4, notAuthorized: 5 } as const
export type ConnackCode = (typeof CONNACK)[keyof typeof CONNACK]

export interface ConnectRefusal {
  readonly kind: 'refused'
  readonly reason: 'client_id' | 'will' | 'keepalive' | 'no_credentials' | 'bad_credentials'
  readonly code: ConnackCode
}

/**
 * Reads what a CONNECT claims.
 *
 * Wills are refused: they would be one more way to publish, after the connection that answers for them is gone, and nothing here
 * needs them. The one that every Home Assistant brings is let pass, and is dropped.
 */
export function readConnect(request: ConnectRequest): Credentials | ConnectRefusal {
  const { clientId, clean, username, password, willTopic, keepaliveSeconds } = request
  // A client without a name cannot come back to anything [MQTT-3.1.3-8].
  if (clientId === '' && !clean) return refused('client_id', CONNACK.identifierRejected)
  if (willTopic !== null && willTopic !== HOME_ASSISTANT_STATUS) return refused('will', CONNACK.notAuthorized)
  if (keepaliveSeconds < 1 || keepaliveSeconds > KEEPALIVE_SECONDS_MAX) {
    return refused('keepalive', CONNACK.notAuthorized)
  }
  if (username === undefined || password === undefined) return refused('no_credentials', CONNACK.badCredentials)
  const device = orNull(() => deviceId(clientId))
  if (username === DEVICE_USER_NAME) {
    if (device === null) return refused('client_id', CONNACK.identifierRejected)
    if (password.length > LIMITS.connectFrameBytesMax) return refused('bad_credentials', CONNACK.badCredentials)
    return { kind: 'device', id: device, frame: password }
  }
  // Only a device may look like one, in logs and to whoever reads client ids.
  if (device !== null) return refused('client_id', CONNACK.identifierRejected)
  const name = orNull(() => submitterName(username))
  const token = orNull(() => fromUtf8(password))
  if (name === null || token === null) return refused('bad_credentials', CONNACK.badCredentials)
  return { kind: 'submitter', name, token }
}

function refused(reason: ConnectRefusal['reason'], code: ConnackCode): ConnectRefusal {
  return { kind: 'refused', reason, code }
}

function orNull<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}

/** Why a PUBLISH is refused, in order of precedence. MQTT 3.1.1 has no answer for it but to end the connection. */
export type PublishRefusal = 'dollar_topic' | 'foreign_topic' | 'qos2' | 'retained'

export interface PublishRequest {
  readonly topic: string
  readonly qos: number
  readonly retain: boolean
}

/** What a PUBLISH means, or why it is refused. */
export function judgePublish(
  principal: Principal,
  region: RegionName,
  request: PublishRequest,
): Topic | PublishRefusal {
  // The broker's own control topics: whoever could write there could disconnect others.
  if (request.topic.startsWith('$')) return 'dollar_topic'
  if (!mayPublish(principal, region, request.topic)) return 'foreign_topic'
  if (request.qos > 1) return 'qos2'
  if (request.retain) return 'retained'
  return parseTopic(request.topic) ?? 'foreign_topic'
}

/**
 * Filters a client may hold at once. A submitter that follows many jobs subscribes to `#` below its own level; but a Home Assistant
 * (2025.6.3) holds 58 for discovery, and then one for each device of the region that has sensors.
 */
const FILTERS_MAX = 4_096

/** Why a filter is refused. The client is told (SUBACK 128) and stays connected. */
export type SubscribeRefusal = 'dollar_topic' | 'foreign_topic' | 'too_many_filters'

/**
 * Whether a client may hold a filter.
 * @param held - filters it holds already
 */
export function judgeSubscribe(
  principal: Principal,
  region: RegionName,
  filter: string,
  held: ReadonlySet<string>,
): SubscribeRefusal | null {
  if (filter.startsWith('$')) return 'dollar_topic'
  if (!maySubscribe(principal, region, filter)) return 'foreign_topic'
  return held.size >= FILTERS_MAX && !held.has(filter) ? 'too_many_filters' : null
}
