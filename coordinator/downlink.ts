/** Effects become signed frames: the messages to one device of one commit travel together, a signature for each class. */
import { createHash } from 'node:crypto'
import {
  ConfigError,
  type DeviceId,
  type DownlinkClass,
  encodeAck,
  encodeCancel,
  encodeLease,
  encodeNotice,
  encodePlan,
  encodeReceipt,
  encodeWelcome,
  frameAad,
  type Grant,
  type JobId,
  type LeaseTask,
  LIMITS,
  METERING_VERSION,
  type RegionId,
  type RunInput,
  type Signer,
  type Stream,
  sign1,
  utf8,
} from '../protocol/index.ts'
import type { Effect, GrantEffect } from './batch.ts'
import type { BlobStore } from './blobs/blob-store.ts'
import type { PreparedJob } from './jobs/job.ts'

export interface DownlinkComponents {
  signer: Signer
  blobs: Pick<BlobStore, 'read'>
  /** The session of a connected device, or null. */
  sessionOf(device: DeviceId): number | null
  /** What is known of a running job, or null when it has ended meanwhile. */
  preparedJob(job: JobId): PreparedJob | null
  /** How a device is to sample; undefined when it was never told. */
  planOf(device: DeviceId): { revision: number; streams: readonly Stream[] } | undefined
  publish(device: DeviceId, messageClass: DownlinkClass, frame: Uint8Array): void
  kick(device: DeviceId, reason: string): void
  /** The job's input is gone or damaged. */
  failJob(job: JobId, reason: string): void
  wallMs(): number
}

export interface DownlinkInit {
  regionId: RegionId
  /** Where blobs are, without the last slash. */
  blobUrl(): string
  heartbeatMs: number
}

/** Room left in a frame for its signature and its heads. */
const FRAME_MARGIN_BYTES = 1_024
/** A grant with its numbers at their largest and a part of a blob takes 112 bytes, a task without its texts 103. */
const GRANT_HEAD_BYTES = 112
const TASK_HEAD_BYTES = 128
const TEXT_HEAD_BYTES = 3

interface Outgoing {
  grants: GrantEffect[]
  acks: number[]
  cancels: number[]
}

export function createDownlink(
  components: DownlinkComponents,
  init: DownlinkInit,
): (effects: readonly Effect[]) => void {
  const { signer, publish } = components

  const send = (device: DeviceId, messageClass: DownlinkClass, payload: Uint8Array) => {
    const aad = frameAad({ regionId: init.regionId, direction: 'dn', device, class: messageClass })
    publish(device, messageClass, sign1(payload, aad, signer))
  }

  /** Undefined when the job's input cannot be read any more; the job has been failed then. */
  const readInput = (prepared: PreparedJob, effect: GrantEffect): RunInput | undefined => {
    try {
      return runInput(components.blobs, prepared, effect)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      components.failJob(effect.job, error.message)
      return undefined
    }
  }

  const sendGrants = (device: DeviceId, session: number, effects: readonly GrantEffect[]) => {
    let frame = new LeaseFrame()
    for (const effect of effects) {
      const prepared = components.preparedJob(effect.job)
      const input = prepared && readInput(prepared, effect)
      if (!prepared || input === undefined) continue
      if (!frame.hasRoom(prepared, input)) {
        send(device, 'lease', encodeLease({ session, tasks: frame.tasks, grants: frame.grants }))
        frame = new LeaseFrame()
      }
      frame.add(effect, prepared, input)
    }
    if (frame.grants.length > 0)
      send(device, 'lease', encodeLease({ session, tasks: frame.tasks, grants: frame.grants }))
  }

  const sendSingle = (device: DeviceId, session: number, effect: Extract<Effect, { kind: 'welcome' | 'notice' }>) => {
    if (effect.kind === 'notice') {
      send(device, 'notice', encodeNotice({ session, standing: effect.standing, text: effect.text }))
      return
    }
    const { standing, reason } = effect
    const { heartbeatMs } = init
    const message = {
      session,
      coordinatorWallMs: components.wallMs(),
      regionKey: signer.publicKey,
      standing,
      blobUrl: init.blobUrl(),
      heartbeatMs,
      reason,
    }
    send(device, 'welcome', encodeWelcome(message))
  }

  const sendReceipt = ({ device, entry, proof }: Extract<Effect, { kind: 'receipt' }>, session: number) =>
    send(device, 'receipt', encodeReceipt({ session, entry, proof }))

  const sendPlan = (device: DeviceId) => {
    const session = components.sessionOf(device)
    const plan = components.planOf(device)
    if (session !== null && plan !== undefined) send(device, 'plan', encodePlan({ session, ...plan }))
  }

  return effects => {
    const outgoing = new Map<DeviceId, Outgoing>()
    const kicks: Extract<Effect, { kind: 'kick' }>[] = []
    const plans = new Set<DeviceId>()
    for (const effect of effects) {
      if (!isForDevice(effect)) continue
      if (effect.kind === 'kick') {
        kicks.push(effect)
        continue
      }
      const session = components.sessionOf(effect.device)
      if (session === null) continue
      if (effect.kind === 'plan') plans.add(effect.device)
      else if (effect.kind === 'receipt') sendReceipt(effect, session)
      else if (effect.kind === 'welcome' || effect.kind === 'notice') sendSingle(effect.device, session, effect)
      else collect(outgoing, effect)
    }
    for (const device of plans) sendPlan(device)
    for (const [device, { grants, acks, cancels }] of outgoing) {
      const session = components.sessionOf(device)
      if (session === null) continue
      for (let i = 0; i < acks.length; i += LIMITS.ackSeqsMax) {
        send(device, 'ack', encodeAck({ session, seqs: acks.slice(i, i + LIMITS.ackSeqsMax) }))
      }
      for (let i = 0; i < cancels.length; i += LIMITS.grantsPerFrameMax) {
        send(device, 'cancel', encodeCancel({ session, leaseIds: cancels.slice(i, i + LIMITS.grantsPerFrameMax) }))
      }
      sendGrants(device, session, grants)
    }
    for (const kick of kicks) components.kick(kick.device, kick.reason)
  }
}

type DeviceEffect = Extract<
  Effect,
  { kind: 'grant' | 'ack' | 'cancel' | 'notice' | 'welcome' | 'kick' | 'plan' | 'receipt' }
>
const FOR_DEVICES = new Set<Effect['kind']>([
  'grant',
  'ack',
  'cancel',
  'notice',
  'welcome',
  'kick',
  'plan',
  'receipt',
] satisfies DeviceEffect['kind'][])

const isForDevice = (effect: Effect): effect is DeviceEffect => FOR_DEVICES.has(effect.kind)

function collect(
  outgoing: Map<DeviceId, Outgoing>,
  effect: Extract<Effect, { kind: 'grant' | 'ack' | 'cancel' }>,
): void {
  let entry = outgoing.get(effect.device)
  if (!entry) {
    entry = { grants: [], acks: [], cancels: [] }
    outgoing.set(effect.device, entry)
  }
  if (effect.kind === 'grant') entry.grants.push(effect)
  else if (effect.kind === 'ack') entry.acks.push(effect.seq)
  else {
    // A lease given and taken back before it was sent never existed for the device.
    const index = entry.grants.findIndex(grant => grant.leaseId === effect.leaseId)
    if (index >= 0) entry.grants.splice(index, 1)
    else entry.cancels.push(effect.leaseId)
  }
}

/** Grants of one lease message, each job's task named once. */
class LeaseFrame {
  readonly tasks: LeaseTask[] = []
  readonly grants: Grant[] = []
  private readonly taskIndex = new Map<JobId, number>()
  private bytes = 0

  hasRoom(prepared: PreparedJob, input: RunInput): boolean {
    if (this.grants.length === 0) return true
    const task = this.taskIndex.has(prepared.id) ? 0 : taskBytes(leaseTask(prepared))
    const bytes = this.bytes + task + grantBytes(input)
    return this.grants.length < LIMITS.grantsPerFrameMax && bytes < LIMITS.frameBytesMax - FRAME_MARGIN_BYTES
  }

  add(effect: GrantEffect, prepared: PreparedJob, input: RunInput): void {
    let task = this.taskIndex.get(effect.job)
    if (task === undefined) {
      const stated = leaseTask(prepared)
      task = this.tasks.push(stated) - 1
      this.taskIndex.set(effect.job, task)
      this.bytes += taskBytes(stated)
    }
    const { leaseId, firstUnit, unitCount, leaseMs } = effect
    this.grants.push({ leaseId, task, firstUnit, unitCount, leaseMs, input })
    this.bytes += grantBytes(input)
  }
}

const grantBytes = (input: RunInput): number => GRANT_HEAD_BYTES + (input?.kind === 'inline' ? input.bytes.length : 0)

function taskBytes({ args, cut }: LeaseTask): number {
  const texts = args.reduce((sum, arg) => sum + utf8(arg).length + TEXT_HEAD_BYTES, 0)
  return TASK_HEAD_BYTES + texts + (cut.kind === 'records' ? cut.delimiter.length : 0)
}

function leaseTask(prepared: PreparedJob): LeaseTask {
  const { id, spec, plan, module, moduleBytes, abi, memoryPagesMax } = prepared
  const { unitTimeoutMs, unitFuelMax, args } = spec.task
  const metering = METERING_VERSION
  return {
    job: id,
    module,
    moduleBytes,
    abi,
    memoryPagesMax,
    unitTimeoutMs,
    metering,
    unitFuelMax,
    args: [...args],
    cut: plan.cut,
  }
}

/** Small inputs travel inside the lease; a larger part of the blob is named with the digest of exactly that part. */
function runInput(blobs: Pick<BlobStore, 'read'>, prepared: PreparedJob, effect: GrantEffect): RunInput {
  const { plan, input } = prepared
  const part = plan.runInput(effect.firstUnit, effect.unitCount)
  if (part === null || part.kind === 'inline' || input === null)
    return part?.kind === 'inline' ? { kind: 'inline', bytes: part.bytes } : null
  const bytes = blobs.read(input, part.offset, part.length)
  if (bytes.length <= LIMITS.inlineBytesMax) return { kind: 'inline', bytes }
  const digest = new Uint8Array(createHash('sha256').update(bytes).digest())
  return { kind: 'range', blob: input, offset: part.offset, length: part.length, digest }
}
