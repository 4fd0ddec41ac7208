/** What a device's opened message does to the departments. The only place where uplink messages meet them. */
import { hash } from 'node:crypto'
import {
  ConfigError,
  checkOutputs,
  type DeviceId,
  equalBytes,
  type LeaseResult,
  LIMITS,
  METERING_VERSION,
  type ProtocolError,
  sha256Hex,
  toHex,
} from '../protocol/index.ts'
import type { BlobStore } from './blobs/blob-store.ts'
import type { Conduct } from './conduct/index.ts'
import type { Uplink } from './gate/gate.ts'
import type { ReturnedLease } from './jobs/jobs.ts'
import type { Region } from './region.ts'
import type { ReadingIntake } from './sensing/intake.ts'

export interface UplinkComponents {
  region: Region
  blobs: Pick<BlobStore, 'has' | 'read'>
  readings: ReadingIntake
  conduct: Pick<Conduct, 'charge'>
  count(reason: string): void
}

export function applyUplink(
  components: UplinkComponents,
  device: DeviceId,
  publicKey: Uint8Array,
  uplink: Uplink,
): void {
  const { region, count } = components
  switch (uplink.class) {
    case 'join':
      region.step((now, batch) => region.fleet.join({ device, publicKey, ...uplink }, now.wallMs, batch))
      break
    case 'hello':
      region.step((now, batch) => {
        region.fleet.hello(device, uplink, now.wallMs, batch)
        region.jobs.greet(device, now, batch)
        const member = region.fleet.member(device)
        if (member) region.payouts.bindings.greet(member, now.wallMs, batch)
      })
      break
    case 'sensors':
      region.step((now, batch) => region.sensing.announced(device, uplink, now, batch))
      break
    case 'profile':
      region.step((_now, batch) => components.readings.profile(uplink.profile, batch))
      break
    case 'reading':
      region.step((now, batch) => {
        const outcome = components.readings.reading(device, uplink, now, batch)
        count(`reading_${outcome}`)
        if (outcome !== 'profile_unknown') batch.emit({ kind: 'ack', device, seq: uplink.seq })
      })
      break
    case 'status':
      region.step((now, batch) => {
        region.fleet.status(device, uplink, now.wallMs)
        region.jobs.wake(now, batch)
      })
      break
    case 'result':
      region.step((now, batch) => {
        const returned = uplink.results.map(result => openOutputs(components, device, result))
        const outcomes = region.jobs.results(device, returned, now, batch)
        for (const outcome of outcomes) count(`lease_${outcome}`)
        if (outcomes.every(outcome => outcome === 'late')) components.conduct.charge(device, 'late', 'lease_late')
        batch.emit({ kind: 'ack', device, seq: uplink.seq })
      })
      break
  }
}

/**
 * Brings a result's bytes to hand and checks that they are what the device says, hold one outcome per unit, and state no more fuel
 * than was set aside for any of them.
 * @see spec/clauses.md [JOB-3.2]
 */
function openOutputs(components: UplinkComponents, device: DeviceId, result: LeaseResult): ReturnedLease {
  const nothing = { result, outputs: null, failedUnits: 0, fuel: 0, isBlob: false }
  const lease = components.region.jobs.leaseOf(device, result.leaseId)
  if (!lease || !result.digest) return nothing
  if (result.metering !== METERING_VERSION) {
    components.count('result_metering_unknown')
    return nothing
  }
  const outputs = result.outputs ?? readBlob(components, result.digest)
  if (!outputs) {
    components.count('result_blob_missing')
    return nothing
  }
  if (!equalBytes(hash('sha256', outputs, 'buffer'), result.digest)) {
    components.count('result_digest_wrong')
    return nothing
  }
  try {
    const { unitFuelMax } = lease.job.prepared.spec.task
    const { failed, fuel } = checkOutputs(outputs, lease.count, unitFuelMax)
    return { result, outputs, failedUnits: failed, fuel, isBlob: result.outputs === null }
  } catch (error) {
    components.count(`result_${(error as ProtocolError).code}`)
    return nothing
  }
}

function readBlob({ blobs }: UplinkComponents, digest: Uint8Array): Uint8Array | null {
  const sha256 = sha256Hex(toHex(digest))
  try {
    const found = blobs.has(sha256)
    return found && found.size <= LIMITS.leaseOutputBytesMax ? blobs.read(sha256) : null
  } catch (error) {
    if (error instanceof ConfigError) return null
    throw error
  }
}
