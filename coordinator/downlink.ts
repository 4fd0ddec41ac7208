/** Effects become signed frames: the messages to one device of one commit travel together, a signature for each class. */
import {
  type DeviceId,
  type DownlinkClass,
  encodeAck,
  encodeCancel,
  encodeNotice,
  encodePlan,
  encodeReceipt,
  encodeWelcome,
  frameAad,
  LIMITS,
  type RegionId,
  type Signer,
  type Stream,
  sign1,
} from '../protocol/index.ts'
import type { Effect, GrantEffect } from './batch.ts'
import { type GrantComponents, GrantSender } from './downlink/send-grants.ts'

export interface DownlinkComponents extends Omit<GrantComponents, 'send'> {
  signer: Signer
  /** How a device is to sample; undefined when it was never told. */
  planOf(device: DeviceId): { revision: number; streams: readonly Stream[] } | undefined
  publish(device: DeviceId, messageClass: DownlinkClass, frame: Uint8Array): void
  kick(device: DeviceId, reason: string): void
  wallMs(): number
}

export interface DownlinkInit {
  regionId: RegionId
  /** Where blobs are, without the last slash. */
  blobUrl(): string
  heartbeatMs: number
}

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

  const { blobs, sessionOf, preparedJob, failJob } = components
  const grantSender = new GrantSender({
    blobs,
    sessionOf,
    preparedJob,
    failJob,
    send: (device, payload) => send(device, 'lease', payload),
  })

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
      else collect(outgoing, effect, grantSender)
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
      grantSender.send(device, session, grants)
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
  grantSender: GrantSender,
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
    else if (!grantSender.takeBack(effect.leaseId)) entry.cancels.push(effect.leaseId)
  }
}
