/** The submitter's side of the region: submits jobs and campaigns over MQTT in JSON and follows them. */
import {
  type Clock,
  ConfigError,
  campaignId,
  JOB_REF_LENGTH_MAX,
  jobId,
  jobTopic,
  LIMITS,
  type Random,
  regionName,
  type Sha256Hex,
  submitTopic,
  submitterName,
  TransportError,
  toHex,
  utf8,
} from '../protocol/index.ts'
import { uploadBlob } from './blobs.ts'
import { createCampaignDesk } from './campaign-desk.ts'
import type { CampaignHandle } from './campaign-handle.ts'
import { fetchFor } from './fetch.ts'
import { Inbox } from './inbox.ts'
import type { JobFeed } from './job-feed.ts'
import { createJobHandle, type JobHandle } from './job-handle.ts'
import { connectMqtt } from './mqtt-transport.ts'
import { platformClock, platformRandom } from './platform.ts'
import { Submissions } from './submissions.ts'
import type { ConnectTransport } from './transport.ts'

/** Which region, and as whom. */
export interface SubmitterInit {
  /** The region's broker: `mqtt://`, `mqtts://`, or in a browser `ws://` and `wss://`. */
  mqttUrl: string
  /** The coordinator's HTTP address, for {@link SubmitterClient.upload} and large results. */
  httpUrl?: string
  region: string
  name: string
  token: string
  /**
   * The certificate of the region's own TLS authority, PEM, which it shows at `/ca.pem`: no other is believed then. In Node only; a browser
   * has its own list.
   */
  ca?: string
  /** How long a submission waits for its answer. Default 30 000. */
  answerTimeoutMs?: number
}

/** Ports that tests and other platforms exchange. */
export interface SubmitterComponents {
  clock: Clock
  random: Random
  connect: ConnectTransport
}

/** A job in the JSON of docs/submitting.md; a `bigint` is sent as its decimal digits. */
export type JobSubmission = Readonly<Record<string, unknown>>

/** A campaign in the JSON of docs/campaigns.md; a `bigint` is sent as its decimal digits. */
export type CampaignSubmission = Readonly<Record<string, unknown>>

/** A connected submitter. */
export interface SubmitterClient {
  /**
   * Submits a job and waits until the region has accepted it.
   * @param job - its `ref`, when it has one, makes a repeated submission safe
   * @throws {JobError} `job_refused` with the region's code and the wrong field
   * @throws {ConfigError} `bad_job` when the JSON is larger than {@link LIMITS}.submitBytesMax
   * @throws {TransportError} `timeout` or `closed`
   */
  submit(job: JobSubmission): Promise<JobHandle>
  /** A job that was submitted before. @throws {ProtocolError} `bad_id` */
  job(id: string): JobHandle
  /**
   * Submits a sensing campaign and waits until the region has accepted it.
   * @param campaign - its `ref`, when it has one, makes a repeated submission safe
   * @throws {CampaignError} `campaign_refused` with the region's code and the wrong field
   * @throws {ConfigError} `bad_campaign` when the JSON is larger than {@link LIMITS}.submitBytesMax
   * @throws {TransportError} `timeout`, `closed`, or `refused` by a region that has no campaigns
   */
  submitCampaign(campaign: CampaignSubmission): Promise<CampaignHandle>
  /** A campaign that was submitted before. @throws {ProtocolError} `bad_id`; {@link TransportError} `refused` */
  campaign(id: string): Promise<CampaignHandle>
  /** Stores a module or an input at the coordinator, see {@link uploadBlob}. Needs `httpUrl`. */
  upload(content: Uint8Array | Blob): Promise<Sha256Hex>
  /** Everything that still waits fails with `closed`; jobs and campaigns go on. */
  close(): Promise<void>
}

const PLATFORM: SubmitterComponents = { clock: platformClock, random: platformRandom, connect: connectMqtt }

/**
 * Connects a submitter to its region. Lost connections are repaired, and what was missed is asked for again.
 * @throws {TransportError} `unreachable`, or `refused` when the name or the token is wrong
 * @throws {ProtocolError} `bad_id`
 */
export async function connectSubmitter(
  init: SubmitterInit,
  components: SubmitterComponents = PLATFORM,
): Promise<SubmitterClient> {
  const region = regionName(init.region)
  const name = submitterName(init.name)
  const { clock, random } = components
  const address = init.mqttUrl
  const timeoutMs = init.answerTimeoutMs ?? 30_000
  const submissions = new Submissions<JobFeed>(clock, { kind: 'job', address, timeoutMs })
  const inbox = new Inbox(submissions)
  const cancelling = new Set<JobFeed>()
  const fetchBy = fetchFor(init.ca)
  const topics = `hr/1/${region}/jobs/${name}`

  const transport = await components.connect(
    {
      url: address,
      clientId: `submitter-${name}-${toHex(random.bytes(6))}`,
      username: name,
      password: init.token,
      ...(init.ca === undefined ? {} : { ca: init.ca }),
      filters: [`${topics}/refused`, `${topics}/+/status`, `${topics}/+/progress`, `${topics}/+/result`],
    },
    {
      message: (topic, payload) => {
        inbox.receive(topic, payload)
        campaigns.receive(topic, payload)
      },
      reconnected: () => {
        catchUp()
        campaigns.catchUp()
      },
      failed: error => failAll(error),
    },
  )

  /** A failed send needs no handling: the connection is away, and coming back it catches up. */
  const sendQuietly = (topic: string, text: string): void => {
    transport.publish(topic, text).catch(() => {})
  }

  const campaigns = createCampaignDesk({ clock, transport, sendQuietly }, { region, name, address, timeoutMs })

  const failAll = (error: Error): void => {
    inbox.failAll(error)
    campaigns.failAll(error)
  }

  const catchUp = (): void => {
    for (const text of submissions.texts) sendQuietly(submitTopic(region, name), text)
    for (const feed of inbox.feeds.values()) {
      if (cancelling.has(feed)) sendQuietly(jobTopic(region, name, feed.id, 'cancel'), '')
      sendQuietly(jobTopic(region, name, feed.id, 'get'), '')
    }
  }

  const handle = (feed: JobFeed): JobHandle =>
    createJobHandle(feed, {
      httpUrl: init.httpUrl ?? null,
      fetch: fetchBy,
      requestCancel: () => {
        cancelling.add(feed)
        const forget = () => cancelling.delete(feed)
        feed.whenEnded().then(forget, forget)
        sendQuietly(jobTopic(region, name, feed.id, 'cancel'), '')
        // A job that was over before is not cancelled but tells its end again.
        sendQuietly(jobTopic(region, name, feed.id, 'get'), '')
      },
    })

  return {
    submit: async job => {
      inbox.assertOpen()
      const ref = checkedRef('job', job.ref) ?? toHex(random.bytes(12))
      const text = submissionText('job', { ...job, ref })
      const answer = submissions.add(ref, text)
      sendQuietly(submitTopic(region, name), text)
      return handle(await answer)
    },
    job: id => {
      inbox.assertOpen()
      const feed = inbox.feed(jobId(id))
      sendQuietly(jobTopic(region, name, feed.id, 'get'), '')
      return handle(feed)
    },
    submitCampaign: async campaign => {
      inbox.assertOpen()
      const ref = checkedRef('campaign', campaign.ref) ?? toHex(random.bytes(12))
      return campaigns.submit(ref, submissionText('campaign', { ...campaign, ref }))
    },
    campaign: async id => {
      inbox.assertOpen()
      return campaigns.open(campaignId(id))
    },
    upload: async content => {
      if (init.httpUrl !== undefined) return uploadBlob(init.httpUrl, init.token, content, { fetch: fetchBy })
      const reason = 'it is needed to upload'
      throw new ConfigError(
        { code: 'bad_option', path: 'httpUrl', reason },
        `Give connectSubmitter an httpUrl: ${reason}.`,
      )
    },
    close: async () => {
      failAll(new TransportError({ code: 'closed', address }, `The connection to ${address} was closed.`))
      await transport.close()
    },
  }
}

function checkedRef(kind: 'job' | 'campaign', ref: unknown): string | undefined {
  if (ref === undefined) return undefined
  if (typeof ref === 'string' && ref.length >= 1 && ref.length <= JOB_REF_LENGTH_MAX) return ref
  const reason = `must be a text of 1 to ${JOB_REF_LENGTH_MAX} characters`
  throw new ConfigError({ code: `bad_${kind}`, path: 'ref', reason }, `The ${kind}'s 'ref' ${reason}.`)
}

function submissionText(kind: 'job' | 'campaign', submission: JobSubmission | CampaignSubmission): string {
  const text = JSON.stringify(submission, (_key, value) => (typeof value === 'bigint' ? String(value) : value))
  const bytes = utf8(text).length
  if (bytes <= LIMITS.submitBytesMax) return text
  const reason = `is ${bytes} bytes of JSON; at most ${LIMITS.submitBytesMax} fit a message`
  const advice =
    kind === 'job' ? 'upload the module or the input and name it by its "sha256"' : 'name a box instead of cells'
  throw new ConfigError({ code: `bad_${kind}`, path: '', reason }, `The ${kind} ${reason}: ${advice}.`)
}
