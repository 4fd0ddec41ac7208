/** A large fleet in this process: the departments alone, on virtual time, with what each step takes measured and its commit left out. */
import { createHash } from 'node:crypto'
import type { GrantEffect } from '../../../coordinator/batch.ts'
import type { PreparedJob } from '../../../coordinator/jobs/job.ts'
import { submitterAccount, TREASURY } from '../../../coordinator/ledger/ledger.ts'
import type { Region } from '../../../coordinator/region.ts'
import { applyUplink, type UplinkComponents } from '../../../coordinator/uplink.ts'
import {
  type DeviceId,
  encodeOutputs,
  type JobId,
  jobIdFromBytes,
  type LeaseResult,
  METERING_VERSION,
  type SubmitterName,
  sha256Hex,
  submitterName,
  utf8,
} from '../../../protocol/index.ts'
import { DepartmentWorld, honest, TIGHT, UNIT_FUEL } from '../../support/department-world.ts'

/** How long a lease of one unit takes on every device: what the region aims at, so that none gets longer. */
export const LEASE_MS = 2_000
/** Leases that a device asks for. Two fill it, by the time that they take. */
export const CREDIT_LEASES = 8
const DEVICES_PER_OWNER = 3
/** Every so many devices one that nobody knows anything of yet. */
const NEWCOMER_EVERY = 10
const FUND_MICRO = 10n ** 15n
const SUBMITTERS = ['ann', 'bob', 'cat'].map(submitterName)

/** One answer for every unit of every job: what is measured does not look into it. */
const OUTPUTS = encodeOutputs([{ fuel: UNIT_FUEL, kind: 'ok', bytes: utf8('42') }])
const DIGEST = new Uint8Array(createHash('sha256').update(OUTPUTS).digest())

/** What one step of the departments took, and the leases that it handed out. */
export interface Step {
  readonly micros: number
  readonly grants: number
}

export class DecisionWorld {
  readonly world: DepartmentWorld
  readonly devices: readonly DeviceId[]
  private readonly components: UplinkComponents
  private readonly held = new Map<DeviceId, number[]>()
  private readonly seqs = new Map<DeviceId, number>()
  private readonly jobs: JobId[] = []
  private stepMicros = 0

  /** @param deviceCount - all connected, all with room */
  constructor(deviceCount: number) {
    this.world = new DepartmentWorld({ seed: `scale/${deviceCount}` })
    const owners = Math.ceil(deviceCount / DEVICES_PER_OWNER)
    this.devices = this.world.join(
      ...Array.from({ length: deviceCount }, (_, i) => [`owner-${i % owners}`, honest] as [string, typeof honest]),
    )
    this.prove()
    for (const name of SUBMITTERS) this.fund(name)
    const { fleet, jobs, sensing, payouts } = this.world
    const step: Region['step'] = work => this.timed(work)
    this.components = {
      region: { fleet, jobs, sensing, payouts, step } as unknown as Region,
      blobs: { has: () => null, read: () => new Uint8Array() },
      readings: this.world.readings,
      conduct: { charge: () => {} },
      count: () => {},
    }
  }

  /** Has passed checks behind most devices, and speeds known of all. */
  private prove(): void {
    for (const [index, id] of this.devices.entries()) {
      const member = this.world.fleet.member(id)
      if (member === undefined || index % NEWCOMER_EVERY === 0) continue
      Object.assign(member.row, { checksPassed: 1_000, unitsAccepted: 1_000 })
    }
  }

  private fund(name: SubmitterName): void {
    const fund = { kind: 'fund', debit: TREASURY, credit: submitterAccount(name), purpose: `fund/${name}/0` } as const
    this.world.step((now, batch) => this.world.ledger.transfer({ ...fund, amountMicro: FUND_MICRO }, now.wallMs, batch))
  }

  /** Submits a job of units that each are a lease, for the submitters in turn. */
  submit(units: number, verify: 'trust' | { theta: number }): Step {
    const number = this.jobs.length
    const template = this.template(units, verify)
    const id = jobIdFromBytes(this.world.random.bytes(10))
    const module = sha256Hex(
      createHash('sha256')
        .update(`module ${number % 3}`)
        .digest('hex'),
    )
    const prepared: PreparedJob = { ...template, id, module }
    this.world.prepared.set(id, prepared)
    for (const device of this.devices) this.world.desk.rates.learn(device, module, 1, LEASE_MS, OUTPUTS.length)
    const submitter = SUBMITTERS[number % SUBMITTERS.length] ?? submitterName('ann')
    const step = this.measured(() => {
      const outcome = this.timed((now, batch) => this.world.jobs.submit(prepared, submitter, now, batch))
      if (!outcome.ok) throw new Error(`A job was refused: ${outcome.reason}`)
    })
    this.jobs.push(id)
    return step
  }

  /** A specification read and planned once for each kind of job, by a world that has one device to run it. */
  private template(units: number, verify: 'trust' | { theta: number }): PreparedJob {
    const small = new DepartmentWorld({ seed: 'template' })
    small.join(['ann', honest], ['bob', honest], ['cat', honest])
    const split = { kind: 'range', from: 0, to: units, chunk: 1 }
    const { id } = small.submit({ ...TIGHT, split, verify, leaseUnitsMax: 1 })
    const prepared = small.prepared.get(id)
    if (prepared === undefined) throw new Error('The specification is not one.')
    return prepared
  }

  /** A device says how many leases it wants. */
  status(device: DeviceId, creditLeases: number): Step {
    const seq = (this.seqs.get(device) ?? 0) + 1
    this.seqs.set(device, seq)
    const status = { session: 1, seq, creditLeases, runningLeases: this.heldBy(device).length, reason: '' }
    return this.measured(() => this.uplink(device, { class: 'status', ...status }))
  }

  /** A device returns the oldest lease that it holds; null when it holds none. */
  answer(device: DeviceId): Step | null {
    const leaseId = this.heldBy(device).shift()
    if (leaseId === undefined) return null
    const result: LeaseResult = {
      leaseId,
      outcome: 'done',
      digest: DIGEST,
      outputs: OUTPUTS,
      elapsedMs: LEASE_MS,
      detail: '',
      metering: METERING_VERSION,
    }
    const seq = (this.seqs.get(device) ?? 0) + 1
    this.seqs.set(device, seq)
    return this.measured(() => this.uplink(device, { class: 'result', session: 1, seq, results: [result] }))
  }

  /** Time passes: what the region does every 200 ms. */
  tick(): Step {
    const { jobs, sensing, pricing, payouts, disputes, ledger } = this.world
    return this.measured(() =>
      this.timed((now, batch) => {
        ledger.expire(now.wallMs, batch)
        jobs.tick(now, batch)
        sensing.tick(now, batch)
        disputes.tick(now, batch)
        pricing.tick(now, batch)
        payouts.tick(now, batch)
      }),
    )
  }

  /** Lets the clocks go on, without a tick. */
  pass(ms: number): void {
    const { wallMs, monotonicMs } = this.world.now
    this.world.now = { wallMs: wallMs + ms, monotonicMs: monotonicMs + ms }
  }

  heldBy(device: DeviceId): number[] {
    const held = this.held.get(device)
    if (held !== undefined) return held
    const none: number[] = []
    this.held.set(device, none)
    return none
  }

  /** Leases that are out in the whole region. */
  get leasesOut(): number {
    let count = 0
    for (const held of this.held.values()) count += held.length
    return count
  }

  private uplink(device: DeviceId, uplink: Parameters<typeof applyUplink>[3]): void {
    applyUplink(this.components, device, new Uint8Array(32), uplink)
  }

  /** One step, of which the departments' work counts and the commit does not. */
  private timed<Result>(work: Parameters<typeof this.world.step<Result>>[0]): Result {
    return this.world.step((now, batch) => {
      const startMs = performance.now()
      const result = work(now, batch)
      this.stepMicros += (performance.now() - startMs) * 1_000
      return result
    })
  }

  private measured(run: () => void): Step {
    this.stepMicros = 0
    this.world.effects.length = 0
    run()
    const grants = this.world.effects.filter((effect): effect is GrantEffect => effect.kind === 'grant')
    for (const { device, leaseId } of grants) this.heldBy(device).push(leaseId)
    for (const effect of this.world.effects) {
      if (effect.kind === 'cancel') this.forget(effect.device, effect.leaseId)
    }
    return { micros: this.stepMicros, grants: grants.length }
  }

  private forget(device: DeviceId, leaseId: number): void {
    const held = this.heldBy(device)
    const at = held.indexOf(leaseId)
    if (at >= 0) held.splice(at, 1)
  }
}
