/**
 * The coordinator without its surroundings: every department and every road between them, on parts that are handed in. `main.ts` gives
 * it a machine's clock, disk, broker and HTTP; the simulator gives it virtual ones, and runs the same code.
 */
import type {
  BackgroundVerifier,
  Clock,
  DeviceId,
  DownlinkClass,
  Random,
  RegionId,
  RegionName,
  Signer,
  Verifier,
} from '../protocol/index.ts'
import { nodeSha256 } from '../protocol/node/index.ts'
import { createAdmin, type RegionAddresses } from './admin/admin.ts'
import { viewDevice } from './admin/device-view.ts'
import type { Batch } from './batch.ts'
import type { BlobStore } from './blobs/index.ts'
import type { BrokerHooks } from './broker/index.ts'
import { Conduct, SHUT_OUT } from './conduct/index.ts'
import type { RegionPolicy } from './config.ts'
import { createDeviceLinks } from './device-links.ts'
import { createDisputeIntake } from './disputes/intake.ts'
import { createRehearings } from './disputes/rehearing.ts'
import { createRetrials } from './disputes/retrial.ts'
import { createDownlink } from './downlink.ts'
import { type Counters, createArrivals, createCounters, createGate } from './gate/index.ts'
import type { RegionApi } from './http/api-route.ts'
import { createAdmission } from './intake/admission.ts'
import { createCampaigns } from './intake/campaigns.ts'
import { viewJobById } from './intake/job-view.ts'
import { OwnerDirectory } from './intake/owner-directory.ts'
import { SubmitterDirectory } from './intake/submitter-directory.ts'
import { SubmitterLimits } from './intake/submitter-limits.ts'
import { createSubmitters } from './intake/submitters.ts'
import { createTellSuspects } from './intake/tell-suspects.ts'
import type { Now } from './jobs/jobs.ts'
import { Live, PublicCellBook } from './live/index.ts'
import { type OpenDepartments, openDepartments } from './open-departments.ts'
import { createAnnouncer, createSensingSource, type SensingSource } from './outputs/index.ts'
import type { PayoutConfig } from './payout/index.ts'
import { Region } from './region.ts'
import { createRelease } from './release.ts'
import { createCourt } from './sensing/court.ts'
import { beginLog, newestEntryMs } from './settlement/begin-log.ts'
import type { HeadGuard } from './settlement/head-guard.ts'
import { createStatements, openSettlement, type Settlement, type TakeStatement } from './settlement/index.ts'
import type { Store } from './store/rows.ts'
import { takeStatement } from './take-statement.ts'

/** What a broker does for the coordinator; see `Broker` for what each promises. */
export interface BrokerPorts {
  connectionCount(): number
  publishToDevice(device: DeviceId, name: DownlinkClass, payload: Uint8Array): void
  publishToSubmitter(topic: string, payload: Uint8Array): void
  publishRetained(topic: string, payload: Uint8Array): void
  kick(device: DeviceId, reason: string): void
}

/** Who the region is. */
export interface CoreIdentity {
  readonly id: RegionId
  readonly thumbprint: Uint8Array
  readonly signer: Signer
}

export interface CoreComponents {
  clock: Clock
  random: Random
  store: Store
  blobs: BlobStore
  identity: CoreIdentity
  /** Cosigns the logs of other regions; never the region's own key. */
  witnessSigner: Signer
  guard: HeadGuard
  verifier: Verifier
  /** Checks what devices sign on other threads; null checks it at once. */
  backgroundVerifier: BackgroundVerifier | null
  /** Not called before {@link createCore} has resolved, except when a commit of the start has effects. */
  broker: BrokerPorts
  fetch: typeof fetch
  /** Gives what scripts are composed with; called at the first of them. */
  readEngine(): Uint8Array
  /** What units of the task of capacity checks answer, as protocol/capacity computes it. */
  capacityAnswer(input: Uint8Array): Uint8Array
  /** Runs `fn` after the I/O events at hand. */
  defer(fn: () => void): void
  /** Lets pending I/O go first. */
  breathe(): Promise<void>
  warn(event: string, fields: Readonly<Record<string, string | number>>): void
  /** Nothing can be relied on any more, such as when the disk failed: the process must end. */
  onFatal(error: unknown): void
}

export interface CoreInit {
  name: RegionName
  policy: RegionPolicy
  payout: PayoutConfig
  /** Where this coordinator's key for payout roots is, or is made when it is needed. */
  payoutKeyPath: string
  homeAssistant: boolean
  openData: boolean
  /** Where the region is reached; known before anybody can ask. */
  addresses(): RegionAddresses
}

export interface Core {
  readonly region: Region
  readonly departments: OpenDepartments
  readonly settlement: Settlement
  readonly directory: SubmitterDirectory
  readonly owners: OwnerDirectory
  /** Tells whoever watches what changes. */
  readonly live: Live
  readonly counters: Counters
  readonly source: SensingSource
  /** What the HTTP API and the command line can ask of the region. */
  readonly admin: RegionApi
  readonly takeStatement: TakeStatement
  /** What the broker asks and tells. */
  readonly hooks: BrokerHooks
  /** Goes on where the last run ended; call it once, when the region can be reached. */
  resume(): void
  /** Time passes; call it a few times a second. */
  tick(): void
  /** Signs and commits what is left, and nothing any more. The store may close then. */
  close(): Promise<void>
}

/**
 * Opens the departments on what the store holds and connects them. The log says who the region is before anybody can be heard.
 * @throws {ConfigError} when the settings do not go with what was settled before, or the store lacks what was signed
 */
export async function createCore(components: CoreComponents, init: CoreInit): Promise<Core> {
  const { clock, random, store, blobs, identity, verifier, broker, defer, breathe, warn, onFatal } = components
  const { name, policy } = init
  const counters = createCounters()
  const { count } = counters
  const blobUrl = () => `${init.addresses().httpUrl}/blob`
  const httpUrl = () => init.addresses().httpUrl

  const admission = createAdmission(blobs, components.readEngine)
  const departments = await openDepartments(
    { store, blobs, admission, clock, random, capacityAnswer: components.capacityAnswer, warn },
    { policy, payout: init.payout, payoutKeyPath: init.payoutKeyPath, thumbprint: identity.thumbprint },
  )
  const { fleet, ledger, jobs, sensing, readings, pricing, payouts, disputes, reputations, desk } = departments
  const region = new Region(
    { clock, store, notBeforeMs: newestEntryMs(store), defer, release: effects => release(effects), onFatal },
    departments,
  )
  const keys = {
    publicKeyOf: (device: DeviceId) => fleet.member(device)?.row.publicKey ?? null,
    standingOf: (device: DeviceId) => fleet.member(device)?.row.standing ?? null,
  }
  const monotonicMs = () => clock.monotonicMs()
  const kick: BrokerPorts['kick'] = (device, reason) => broker.kick(device, reason)
  const keep = (value: string) => region.step((_, batch) => batch.write({ table: 'meta', key: SHUT_OUT, value }))
  const conduct = new Conduct({ monotonicMs, wallMs: () => clock.wallMs(), count, kick, keep }, store.meta(SHUT_OUT))
  const charge: Conduct['charge'] = (device, offence, refusal) => conduct.charge(device, offence, refusal)
  const gate = createGate({ verifier, count, keys, charge, monotonicMs }, { regionId: identity.id })
  const arrivals = createArrivals({ gate, verifier, background: components.backgroundVerifier })
  const links = createDeviceLinks({ region, gate, arrivals, blobs, readings, conduct, clock, kick, count })
  const isConnected = (device: DeviceId) => links.sessionOf(device) !== null
  const settlement = await openSettlement(
    {
      region,
      log: departments.log,
      ledger,
      store,
      signer: identity.signer,
      witnessSigner: components.witnessSigner,
      guard: components.guard,
      verifier,
      hash: nodeSha256,
      clock,
      random,
      fetch: components.fetch,
      devices: () => [...fleet.all()].map(({ row }) => row.id),
      isConnected,
      warn,
      onFatal,
    },
    { regionId: identity.id, name, policy, httpUrl },
  )
  const disputeIntake = createDisputeIntake({ region, disputes, store })
  const step: Region['step'] = work => region.step(work)
  const statementParts = { region, payouts, pricing, disputes, disputeIntake }
  const takeSigned = createStatements(
    {
      region,
      fleet,
      verifier,
      take: async (member, stated, frame) => takeStatement(statementParts, member, stated, frame),
    },
    { regionId: identity.id },
  )
  const source = createSensingSource(
    { store, registry: sensing.registry, labelOf: device => fleet.member(device)?.row.label ?? '' },
    name,
  )
  const directory = new SubmitterDirectory(store.submitters(), random)
  const owners = new OwnerDirectory(store.owners(), random)
  const cells = new PublicCellBook({ store, running: () => sensing.allActive() })
  const publish = (topic: string, payload: Uint8Array) => broker.publishToSubmitter(topic, payload)
  const publishRetained = (topic: string, payload: Uint8Array) => broker.publishRetained(topic, payload)
  const limits = new SubmitterLimits(monotonicMs)
  const submitters = createSubmitters(
    { region, admission, store, blobs, limits, random, count, publish, monotonicMs },
    { region: name, blobUrl },
  )
  const campaigns = createCampaigns(
    { region, desk: { ledger, policy, pricing }, store, limits, random, count, publish, publishRetained },
    { region: name, httpUrl },
  )
  const announcer = createAnnouncer(
    { source, isOnline: isConnected, publish, publishRetained, wallMs: () => clock.wallMs() },
    {
      region: name,
      version: 'hr/1',
      homeAssistant: init.homeAssistant,
      observations: init.openData,
      baseUrl: () => `${httpUrl()}/v1.1`,
    },
  )
  const admin = createAdmin(
    {
      region,
      desk,
      store,
      blobs,
      submitters,
      campaigns,
      readings,
      source,
      directory,
      owners,
      cells,
      conduct,
      counters,
      clock,
      random,
      connections: () => broker.connectionCount(),
      settlement,
      payouts,
      pricing,
      disputes,
      disputeIntake,
      reputations,
      policy,
      signer: identity.signer,
      verifier,
    },
    {
      name,
      id: identity.id,
      thumbprint: identity.thumbprint,
      openData: init.openData,
      addresses: init.addresses,
    },
  )
  const live = new Live(
    {
      clock,
      cells,
      fleet,
      view: member => viewDevice(region, desk, member),
      region: () => admin.region(),
      prices: () => admin.priceList(),
      job: id => viewJobById(id, region, store, blobs, monotonicMs()),
      campaign: id => sensing.active(id)?.row,
      transferCount: () => ledger.transferCount,
      checkpoint: () => shownCheckpoint(settlement, store, clock),
    },
    { openData: init.openData },
  )
  const downlink = createDownlink(
    {
      signer: identity.signer,
      blobs,
      sessionOf: links.sessionOf,
      preparedJob: id => jobs.preparedOf(id),
      planOf: device => sensing.planOf(device),
      publish: (device, messageClass, frame) => broker.publishToDevice(device, messageClass, frame),
      kick,
      failJob: (id, reason) => void region.step((now, batch) => jobs.fail(id, reason, now, batch)),
      wallMs: () => Math.round(clock.wallMs()),
    },
    { regionId: identity.id, blobUrl, heartbeatMs: policy.heartbeatMs },
  )
  const release = createRelease({
    region,
    store,
    blobs,
    breathe,
    downlink,
    submitters,
    campaigns,
    announcer,
    settlement,
    live,
    tellSuspects: createTellSuspects(
      { store, fleet, submitters, live, breathe, wallMs: () => clock.wallMs() },
      policy.holdbackWindowMs,
    ),
    judge: createCourt({ region, store, readings, defer }),
    retry: createRetrials({ step, disputes, store, blobs, admission }),
    rejudge: createRehearings({ step, disputes, store, readings, defer }),
  })

  const logRegion = { regionId: identity.id, region: name, publicKey: identity.signer.publicKey }
  // Before anybody can connect, so that nothing is said before the region has said who it is.
  region.step((now, batch) => beginLog(store, logRegion, policy, now.wallMs, batch))
  const tick = (now: Now, batch: Batch) => {
    departments.tick(now, batch)
    settlement.tick(now, batch)
  }
  return {
    region,
    departments,
    settlement,
    directory,
    owners,
    live,
    counters,
    source,
    admin,
    takeStatement: takeSigned,
    hooks: {
      ...links,
      authenticateSubmitter: ({ name: submitter, token }) => directory.authenticate(submitter, token),
      onSubmitter: (_name, topic, payload) => {
        submitters.receive(topic, payload)
        campaigns.receive(topic, payload)
      },
    },
    resume: () => {
      region.step((now, batch) => departments.resume(now, batch))
      campaigns.republish()
      announcer.republish()
    },
    tick: () => region.step(tick),
    close: async () => {
      live.close()
      if (!region.isStopped) await settlement.seal()
      await region.stop()
      settlement.close()
    },
  }
}

/** The checkpoint that is shown. When it was signed is known of the newest; one that waits to be shown is newer by a second at most. */
function shownCheckpoint(settlement: Settlement, store: Store, clock: Clock) {
  const shown = settlement.checkpoint()
  if (shown === null) return null
  const row = store.checkpoint()
  return { size: shown.size, root: shown.root, atMs: row?.size === shown.size ? row.atMs : clock.wallMs() }
}
