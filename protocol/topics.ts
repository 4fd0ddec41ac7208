/** MQTT topics: how they are built, how they are read, and who may use which. Every level is of `[a-z0-9-]`. */
import { utf8 } from './bytes.ts'
import {
  type DeviceId,
  deviceId,
  type JobId,
  jobId,
  type RegionName,
  regionName,
  type SubmitterName,
  submitterName,
} from './ids.ts'
import { LIMITS } from './limits.ts'
import {
  CAMPAIGN_REQUESTS,
  type CampaignTopic,
  campaignsPrefix,
  type OutTopic,
  parseCampaignTopic,
  parseOutTopic,
} from './sensing/topics.ts'

/** What a device sends. */
export const UPLINK_CLASSES = ['join', 'hello', 'status', 'result', 'sensors', 'profile', 'reading'] as const
/** What a device receives. */
export const DOWNLINK_CLASSES = ['welcome', 'lease', 'ack', 'cancel', 'notice', 'plan', 'receipt'] as const
/** What a submitter publishes about one job. */
export const JOB_REQUESTS = ['cancel', 'get'] as const
/** What a submitter receives about one job. */
export const JOB_REPLIES = ['status', 'progress', 'result'] as const

export type UplinkClass = (typeof UPLINK_CLASSES)[number]
export type DownlinkClass = (typeof DOWNLINK_CLASSES)[number]
export type JobRequest = (typeof JOB_REQUESTS)[number]
export type JobReply = (typeof JOB_REPLIES)[number]
export type Direction = 'up' | 'dn'

/** A device's topic; the class is one of its direction. */
export type DeviceAddress =
  | { readonly region: RegionName; readonly device: DeviceId; readonly direction: 'up'; readonly class: UplinkClass }
  | { readonly region: RegionName; readonly device: DeviceId; readonly direction: 'dn'; readonly class: DownlinkClass }

/** What a topic means. */
export type Topic =
  | ({ readonly kind: 'device'; readonly bucket: string } & DeviceAddress)
  | { readonly kind: 'submit' | 'refused'; readonly region: RegionName; readonly submitter: SubmitterName }
  | {
      readonly kind: 'job'
      readonly region: RegionName
      readonly submitter: SubmitterName
      readonly job: JobId
      readonly leaf: JobRequest | JobReply
    }
  | CampaignTopic
  | OutTopic
  /** Where a Home Assistant says that it is there; nobody needs to know. */
  | { readonly kind: 'home-assistant'; readonly region: null }

/** Who is connected, as the broker authenticated it. */
export type Principal =
  | { readonly kind: 'device'; readonly id: DeviceId }
  | { readonly kind: 'submitter'; readonly name: SubmitterName }

const ROOT = 'hr/1'
/** Every Home Assistant publishes here, unless it is told not to. */
export const HOME_ASSISTANT_STATUS = 'homeassistant/status'
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** The bucket of a device: the high nibble of its thumbprint as one hex digit, so that 16 workers can share a region. */
export function bucketOf(device: DeviceId): string {
  return (BASE32.indexOf(device.charAt(0)) >> 1).toString(16)
}

/** `hr/1/<region>/<bucket>/<device>/<up|dn>/<class>` */
export function deviceTopic(address: DeviceAddress): string {
  const { region, device, direction } = address
  return `${ROOT}/${region}/${bucketOf(device)}/${device}/${direction}/${address.class}`
}

/** The one filter that a device subscribes to. */
export function downlinkFilter(region: RegionName, device: DeviceId): string {
  return `${ROOT}/${region}/${bucketOf(device)}/${device}/dn/+`
}

/** `hr/1/<region>/jobs/<submitter>/submit`, where a job is handed in. */
export function submitTopic(region: RegionName, submitter: SubmitterName): string {
  return `${submitterPrefix(region, submitter)}submit`
}

/** `hr/1/<region>/jobs/<submitter>/refused`, where a submission that cannot become a job is answered. */
export function refusedTopic(region: RegionName, submitter: SubmitterName): string {
  return `${submitterPrefix(region, submitter)}refused`
}

/** `hr/1/<region>/jobs/<submitter>/<job>/<leaf>` */
export function jobTopic(
  region: RegionName,
  submitter: SubmitterName,
  job: JobId,
  leaf: JobRequest | JobReply,
): string {
  return `${submitterPrefix(region, submitter)}${job}/${leaf}`
}

function submitterPrefix(region: RegionName, submitter: SubmitterName): string {
  return `${ROOT}/${region}/jobs/${submitter}/`
}

/** What a topic means, or null when it is none of this protocol's. Never throws. */
export function parseTopic(topic: string): Topic | null {
  if (topic === HOME_ASSISTANT_STATUS) return { kind: 'home-assistant', region: null }
  if (topic.length > LIMITS.topicBytesMax || !topic.startsWith(`${ROOT}/`)) return null
  try {
    const [regionText, ...rest] = topic.slice(ROOT.length + 1).split('/')
    const region = regionName(regionText ?? '')
    if (rest[0] === 'jobs') return parseJobsTopic(region, rest.slice(1))
    if (rest[0] === 'campaigns') return parseCampaignTopic(region, rest.slice(1))
    if (rest[0] === 'out') return parseOutTopic(region, rest.slice(1))
    return parseDeviceTopic(region, rest)
  } catch {
    return null
  }
}

function parseDeviceTopic(region: RegionName, levels: readonly string[]): Topic | null {
  const [bucket, deviceText, direction, name] = levels
  if (levels.length !== 4 || bucket === undefined) return null
  const device = deviceId(deviceText ?? '')
  if (bucket !== bucketOf(device)) return null
  if (direction === 'up' && isOneOf(UPLINK_CLASSES, name)) {
    return { kind: 'device', region, bucket, device, direction, class: name }
  }
  if (direction === 'dn' && isOneOf(DOWNLINK_CLASSES, name)) {
    return { kind: 'device', region, bucket, device, direction, class: name }
  }
  return null
}

function parseJobsTopic(region: RegionName, levels: readonly string[]): Topic | null {
  const [submitterText, second, leaf] = levels
  const submitter = submitterName(submitterText ?? '')
  if (levels.length === 2 && (second === 'submit' || second === 'refused')) return { kind: second, region, submitter }
  if (levels.length !== 3 || !(isOneOf(JOB_REQUESTS, leaf) || isOneOf(JOB_REPLIES, leaf))) return null
  return { kind: 'job', region, submitter, job: jobId(second ?? ''), leaf }
}

/** Whether the principal may publish here: a device its own uplink, a submitter its own submissions and requests. */
export function mayPublish(principal: Principal, region: RegionName, topic: string): boolean {
  const parsed = parseTopic(topic)
  if (parsed?.kind === 'home-assistant') return principal.kind === 'submitter'
  if (parsed === null || parsed.region !== region) return false
  if (principal.kind === 'device') {
    return parsed.kind === 'device' && parsed.device === principal.id && parsed.direction === 'up'
  }
  if (parsed.kind === 'device' || parsed.kind === 'out' || parsed.submitter !== principal.name) return false
  if (parsed.kind === 'submit' || parsed.kind === 'campaign-submit') return true
  if (parsed.kind === 'campaign') return isOneOf(CAMPAIGN_REQUESTS, parsed.leaf)
  return parsed.kind === 'job' && isOneOf(JOB_REQUESTS, parsed.leaf)
}

/** What is published for everybody beyond `out`: discovery for Home Assistant, and observations as SensorThings names them. */
const PUBLIC_ROOTS = ['homeassistant/', 'v1.1/']

/**
 * Whether the principal may subscribe to this filter: a device to {@link downlinkFilter} and nothing else, a submitter to
 * whatever lies below its own `jobs` and `campaigns` levels, and to what is published for everybody.
 */
export function maySubscribe(principal: Principal, region: RegionName, filter: string): boolean {
  if (principal.kind === 'device') return filter === downlinkFilter(region, principal.id)
  const own = [submitterPrefix(region, principal.name), campaignsPrefix(region, principal.name)]
  const prefix = [...own, `${ROOT}/${region}/out/`, ...PUBLIC_ROOTS].find(known => filter.startsWith(known))
  if (prefix === undefined || utf8(filter).length > LIMITS.topicBytesMax) return false
  const levels = filter.slice(prefix.length).split('/')
  if (filter.split('/').length > LIMITS.topicLevelsMax) return false
  const form = PUBLIC_ROOTS.includes(prefix) ? PUBLIC_LEVEL : LEVEL
  return levels.every((level, i) => (level === '#' ? i === levels.length - 1 : form.test(level)))
}

const LEVEL = /^(?:\+|[a-z0-9-]{1,64})$/
/** SensorThings writes ids in parentheses, such as `Datastreams('…')`. */
const PUBLIC_LEVEL = /^(?:\+|[A-Za-z0-9()'._-]{1,96})$/

function isOneOf<const T extends string>(known: readonly T[], text: string | undefined): text is T {
  return (known as readonly (string | undefined)[]).includes(text)
}
