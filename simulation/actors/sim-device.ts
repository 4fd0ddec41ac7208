/** A device as an actor: the production's runtime on simulated parts, with its power switch, its card and its owner. */
import {
  type Blobs,
  chooseMembership,
  createDevice,
  type Device,
  type Identity,
  identityOf,
} from '../../device/index.ts'
import {
  type ClaimCode,
  decodeClaimCode,
  type HedgerowError,
  METERING_VERSION,
  TaskError,
} from '../../protocol/index.ts'
import { costRunner } from '../parts/cost-runner.ts'
import { DeviceMemory } from '../parts/device-memory.ts'
import { Conduct } from '../parts/manners.ts'
import type { Signatures } from '../parts/signatures.ts'
import type { DevicePlan } from '../scenario.ts'
import type { Network } from '../wire/network.ts'
import { type SentFrame, simLink } from '../wire/sim-link.ts'
import type { Site } from '../wire/site.ts'
import { type ClockFault, Life, type World } from '../world/world.ts'
import type { Coordinator } from './coordinator.ts'

export interface SimDeviceParts {
  readonly world: World
  readonly network: Network
  readonly coordinator: Coordinator
  readonly signatures: Signatures
  readonly site: Site
}

const CLAIM_RETRY_MS = 5_000
const CLAIM_LIFETIME_MS = 86_400_000
const BLOB_TRIES = 20
const BLOB_RETRY_MS = 1_000
const MANNERS = { flooder: { copies: 5, garbageRate: 0.02 }, other: { copies: 1, garbageRate: 0 } }
const HEALTHY = { socTemperatureMilliC: null, underVoltage: null, throttled: null }

export class SimDevice {
  readonly plan: DevicePlan
  readonly site: Site
  readonly clockFault: ClockFault
  /** Virtual time that its slots were busy, all together. */
  busyMs = 0
  /** Gone for ever. */
  hasLeft = false
  readonly #parts: SimDeviceParts
  readonly #memory = new DeviceMemory()
  readonly #conduct: Conduct
  readonly #sent: SentFrame[] = []
  #keys = 0
  #identity: Identity
  readonly #identities = new Set<string>()
  #claim: ClaimCode | null = null
  #running: { readonly life: Life; readonly device: Device } | null = null

  constructor(parts: SimDeviceParts, plan: DevicePlan) {
    this.#parts = parts
    this.plan = plan
    this.site = parts.site
    this.clockFault = { wallOffsetMs: plan.wallOffsetMs, rate: plan.clockRate }
    this.#conduct = new Conduct(plan.manner, parts.world.randomOf(`${plan.name} conduct`))
    this.#identity = this.#newIdentity()
  }

  get id(): string {
    return this.#identity.id
  }

  /** Every identity that this machine ever had. */
  get ids(): ReadonlySet<string> {
    return this.#identities
  }

  get isRunning(): boolean {
    return this.#running !== null
  }

  /** It runs, and its region has welcomed it. */
  get isThere(): boolean {
    return this.#running?.device.state === 'joined'
  }

  /** The leases that a frame of results was about. */
  leasesOf(seq: number): readonly number[] {
    return this.#memory.leasesOf(seq)
  }

  get unacknowledged(): number {
    return this.#memory.unacknowledged
  }

  explain(): string {
    return this.#running?.device.explain() ?? 'It is switched off.'
  }

  /** Switches it on, once its owner has a claim for it. */
  start(): void {
    if (this.#running !== null || this.hasLeft) return
    if (this.#claim === null) return void this.#askForClaim()
    const { world, network, signatures, site } = this.#parts
    const life = new Life()
    const store = this.#memory.open()
    const manners = this.plan.manner === 'flooder' ? MANNERS.flooder : MANNERS.other
    const { slots, creditLeases, fuelPerMs, name } = this.plan
    const device = createDevice(
      {
        clock: world.clockOf(life, this.clockFault),
        random: world.randomOf(`${name} runtime ${this.#keys}`),
        link: simLink({ world, life, network, site }, manners, this.#sent),
        store,
        identity: this.#identity,
        verifier: signatures.verifier,
        blobs: () => this.#blobs(life),
        createRunner: async () =>
          costRunner(world, life, this.#conduct, {
            fuelPerMs,
            overheadMs: 2,
            onBusy: busyMs => {
              this.busyMs += busyMs
            },
          }),
        readHealth: () => HEALTHY,
        log: ({ event }) => world.note(`${name} ${event}`),
      },
      {
        membership: chooseMembership(store.enrolment(), this.#claim, name),
        label: name,
        machine: {
          software: 'sim',
          arch: 'arm64',
          cores: slots,
          memoryMiB: 1_024,
          abis: ['wasi', 'reactor'],
          metering: [METERING_VERSION],
        },
        slots,
        creditLeases,
        memoryBounds: '',
      },
    )
    this.#running = { life, device }
    world.note(`${name} on`)
    void device.ended.then(failure => this.#ended(life, failure))
    device.start()
  }

  /** The power fails. */
  losePower(): void {
    const { world, network, site } = this.#parts
    if (!this.#end()) return
    network.breakSite(site)
    const { lost, back } = this.#memory.losePower(site.random)
    world.note(`${this.plan.name} power lost ${lost} ${back}`)
    world.log.sometimes('power loss with results the region had not acknowledged', this.#memory.unacknowledged + lost)
    world.log.sometimes('power loss that took results', lost)
    world.log.sometimes('power loss that brought acknowledged results back', back)
  }

  /** The owner ends the program; its results stay on the card. */
  stop(): void {
    const running = this.#running
    if (running === null) return
    this.#parts.world.note(`${this.plan.name} off`)
    this.#running = null
    void running.device.stop().then(() => {
      running.life.isOver = true
      this.#memory.close()
    })
  }

  /** The card is spoilt. Its owner writes a new one, with the old key and claim if there was a copy of them. */
  spoilCard(hasCopyOfKey: boolean): void {
    this.losePower()
    const { world } = this.#parts
    this.#memory.wipe()
    world.note(`${this.plan.name} card ${hasCopyOfKey}`)
    world.log.sometimes(hasCopyOfKey ? 'card replaced, key kept' : 'card replaced, new identity')
    if (hasCopyOfKey) return
    this.#sent.length = 0
    this.#identity = this.#newIdentity()
    this.#claim = null
  }

  leave(): void {
    this.losePower()
    this.hasLeft = true
  }

  #end(): boolean {
    const running = this.#running
    if (running === null) return false
    running.life.isOver = true
    this.#running = null
    return true
  }

  /** It has ended by itself; its owner gives it a new claim when that is what it lacks. */
  #ended(life: Life, failure: HedgerowError<{ code: string }> | null): void {
    if (failure === null || life.isOver || this.#running?.life !== life) return
    const { world } = this.#parts
    world.note(`${this.plan.name} ended ${failure.code}`)
    world.log.sometimes(`device ended by itself: ${failure.code}`)
    this.#end()
    if (failure.code === 'bad_claim') {
      this.#identity = this.#newIdentity()
      this.#memory.wipe()
      this.#claim = null
    }
    world.after(CLAIM_RETRY_MS, () => this.start())
  }

  #newIdentity(): Identity {
    const { world, signatures } = this.#parts
    const identity = identityOf(signatures.signer(world.randomOf(`${this.plan.name} key ${this.#keys++}`)))
    this.#identities.add(identity.id)
    return identity
  }

  /** The operator makes a claim, when the coordinator runs. */
  async #askForClaim(): Promise<void> {
    const { world, coordinator } = this.#parts
    const again = () => world.after(CLAIM_RETRY_MS, () => this.start())
    const { core } = coordinator
    if (core === null) return void again()
    // If the coordinator ends meanwhile this never settles, so the owner asks again later in any case.
    const retry = again()
    const claim = await core.admin.claimNew({ owner: this.plan.owner, lifetimeMs: CLAIM_LIFETIME_MS })
    retry.cancel()
    this.#claim = decodeClaimCode(claim.code)
    this.start()
  }

  /** Content over HTTP, which waits while the region cannot be reached. */
  #blobs(life: Life): Blobs {
    const { world, coordinator, site } = this.#parts
    const reach = async (act: () => void): Promise<void> => {
      for (let tries = 0; tries < BLOB_TRIES; tries++) {
        await new Promise<void>(resolve => void world.after(site.line.delayMs[1], resolve, life))
        if (coordinator.core !== null && site.cut.size === 0) return act()
        await new Promise<void>(resolve => void world.after(BLOB_RETRY_MS, resolve, life))
      }
      throw new TaskError({ code: 'no_blob', reason: 'unreachable' } as never, 'The region cannot be reached.')
    }
    return {
      fetch: async ({ blob, offset, length }) => {
        let bytes = new Uint8Array()
        await reach(() => {
          bytes = coordinator.blobs.read(blob, offset, length) as typeof bytes
        })
        return bytes
      },
      put: (_name, content) => reach(() => void coordinator.blobs.put(content)),
    }
  }
}
