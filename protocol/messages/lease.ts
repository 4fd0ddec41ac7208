/** What a device is to work on: tasks, and runs of their units granted for a time. */
import { fromHex, toHex } from '../bytes.ts'
import type { CborValue } from '../cbor/index.ts'
import { encode } from '../cbor/index.ts'
import type { JobId, Sha256Hex } from '../ids.ts'
import { jobIdBytes, jobIdFromBytes, sha256Hex } from '../ids.ts'
import { LIMITS } from '../limits.ts'
import type { Abi } from './abi.ts'
import { ABIS } from './abi.ts'
import { Reader } from './read.ts'

/** How the input of a run of units is cut into the input of each unit. */
export type Cut =
  /** Unit i stands for [from + i·chunk, min(to, from + (i+1)·chunk)); nothing travels. */
  | { kind: 'range'; from: number; to: number; chunk: number }
  /** Pieces of that many bytes, the last may be shorter. */
  | { kind: 'bytes'; bytes: number }
  /** That many lines a unit; a last line without a newline counts. */
  | { kind: 'lines'; lines: number }
  /** That many records a unit; each ends with the delimiter, the last may end without. */
  | { kind: 'records'; delimiter: Uint8Array; records: number }
  /** A CBOR sequence of byte strings, one a unit. */
  | { kind: 'items' }

/** Where the input of a granted run is: nowhere (a range cut), in the message, or in a part of a blob. */
export type RunInput =
  | null
  | { kind: 'inline'; bytes: Uint8Array }
  /** `digest` is the SHA-256 of exactly that part. */
  | { kind: 'range'; blob: Sha256Hex; offset: number; length: number; digest: Uint8Array }

/** What every unit of a job has in common. */
export interface LeaseTask {
  job: JobId
  /** SHA-256 of the developer's module. */
  module: Sha256Hex
  moduleBytes: number
  abi: Abi
  /** Pages of 64 KiB a unit may have. */
  memoryPagesMax: number
  unitTimeoutMs: number
  /** Version of the metering rules that fuel is counted by: 1 to 255. A device that does not run it answers `none`. */
  metering: number
  /** Fuel that each unit may burn: 1 to {@link LIMITS}.unitFuelMax. */
  unitFuelMax: number
  args: readonly string[]
  cut: Cut
}

/** A contiguous run of units for one device. */
export interface Grant {
  leaseId: number
  /** Index into the message's `tasks`. */
  task: number
  firstUnit: number
  unitCount: number
  /** Interval from receipt until the coordinator gives the run to somebody else. */
  leaseMs: number
  input: RunInput
}

export interface LeaseMessage {
  session: number
  tasks: readonly LeaseTask[]
  grants: readonly Grant[]
}

const PAGES_PER_MIB = 16

/** The payload of a lease. Tasks shared by several grants are stated once. */
export function encodeLease(message: LeaseMessage): Uint8Array {
  return encode([message.session, message.tasks.map(taskFields), message.grants.map(grantFields)])
}

/**
 * Reads a lease. Any metering version passes: whether it is one that the device runs is for the device to say.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 * @see spec/clauses.md [LEASE-1.1] [LEASE-1.7]
 */
export function decodeLease(bytes: Uint8Array): LeaseMessage {
  const read = Reader.open('lease', bytes, 3)
  const session = read.uint('session')
  const tasks = read.records('tasks', LIMITS.grantsPerFrameMax, 10, readTask)
  const grants = read.records('grants', LIMITS.grantsPerFrameMax, 6, fields => readGrant(fields, tasks))
  return { session, tasks, grants }
}

function taskFields(task: LeaseTask): CborValue {
  return [
    jobIdBytes(task.job),
    fromHex(task.module),
    task.moduleBytes,
    ABIS.indexOf(task.abi),
    task.memoryPagesMax,
    task.unitTimeoutMs,
    task.metering,
    task.unitFuelMax,
    task.args,
    cutFields(task.cut),
  ]
}

function readTask(read: Reader): LeaseTask {
  return {
    job: jobIdFromBytes(read.bytes('job', 10)),
    module: sha256Hex(toHex(read.bytes('module', 32))),
    moduleBytes: read.uint('moduleBytes', 1, LIMITS.moduleBytesMax),
    abi: read.choice('abi', ABIS),
    memoryPagesMax: read.uint('memoryPagesMax', 1, LIMITS.memoryMiBMax * PAGES_PER_MIB),
    unitTimeoutMs: read.uint('unitTimeoutMs', 1, LIMITS.unitTimeoutMsMax),
    metering: read.uint('metering', 1, LIMITS.meteringVersionMax),
    unitFuelMax: read.uint('unitFuelMax', 1, LIMITS.unitFuelMax),
    args: read.texts('args', LIMITS.taskArgsMax, LIMITS.taskArgBytesMax),
    cut: readCut(read),
  }
}

function cutFields(cut: Cut): CborValue {
  switch (cut.kind) {
    case 'range':
      return [0, cut.from, cut.to, cut.chunk]
    case 'bytes':
      return [1, cut.bytes]
    case 'lines':
      return [2, cut.lines]
    case 'records':
      return [3, cut.delimiter, cut.records]
    case 'items':
      return [4]
  }
}

function readCut(task: Reader): Cut {
  const [tag, read] = task.variant('cut', [4, 2, 2, 3, 1])
  switch (tag) {
    case 0: {
      const cut: Cut = { kind: 'range', from: read.int('from'), to: read.int('to'), chunk: read.uint('chunk', 1) }
      if (cut.to <= cut.from || !Number.isSafeInteger(cut.to - cut.from)) {
        throw read.fault('to', 'must be above from, by less than 2^53')
      }
      return cut
    }
    case 1:
      return { kind: 'bytes', bytes: read.uint('bytes', 1, LIMITS.unitInputBytesMax) }
    case 2:
      return { kind: 'lines', lines: read.uint('lines', 1, LIMITS.blobBytesMax) }
    case 3: {
      const delimiter = read.bytesUpTo('delimiter', LIMITS.delimiterBytesMax, 1)
      return { kind: 'records', delimiter, records: read.uint('records', 1, LIMITS.blobBytesMax) }
    }
    default:
      return { kind: 'items' }
  }
}

function grantFields(grant: Grant): CborValue {
  const { leaseId, task, firstUnit, unitCount, leaseMs, input } = grant
  return [leaseId, task, firstUnit, unitCount, leaseMs, inputFields(input)]
}

function inputFields(input: RunInput): CborValue {
  if (input === null) return null
  if (input.kind === 'inline') return [0, input.bytes]
  return [1, fromHex(input.blob), input.offset, input.length, input.digest]
}

function readGrant(read: Reader, tasks: readonly LeaseTask[]): Grant {
  const leaseId = read.uint('leaseId')
  const task = read.uint('task', 0, tasks.length - 1)
  const firstUnit = read.uint('firstUnit', 0, LIMITS.unitsPerJobMax - 1)
  const unitCount = read.uint('unitCount', 1, LIMITS.unitsPerLeaseMax)
  if (firstUnit + unitCount > LIMITS.unitsPerJobMax) {
    throw read.fault('unitCount', `must end the run at or before unit ${LIMITS.unitsPerJobMax}`)
  }
  const leaseMs = read.uint('leaseMs', 1)
  const needsNone = tasks[task]?.cut.kind === 'range'
  const input = needsNone ? read.nothing('input', 'must be null for a range cut') : readInput(read)
  return { leaseId, task, firstUnit, unitCount, leaseMs, input }
}

function readInput(grant: Reader): RunInput {
  const [tag, read] = grant.variant('input', [2, 5])
  if (tag === 0) return { kind: 'inline', bytes: read.bytesUpTo('bytes', LIMITS.inlineBytesMax) }
  const blob = sha256Hex(toHex(read.bytes('blob', 32)))
  const offset = read.uint('offset', 0, LIMITS.blobBytesMax - 1)
  const length = read.uint('length', 1, LIMITS.blobBytesMax - offset)
  return { kind: 'range', blob, offset, length, digest: read.bytes('digest', 32) }
}
