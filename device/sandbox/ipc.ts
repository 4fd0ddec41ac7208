/**
 * What the device and its sandbox process say to each other: frames of a 32-bit big-endian length and a CBOR array. The sandbox runs
 * strangers' code, so the device checks every reply like any peer's message.
 */
import { concatBytes } from '../../protocol/bytes.ts'
import { type CborValue, decode, encode } from '../../protocol/cbor/index.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import { LIMITS } from '../../protocol/limits.ts'
import { ABIS, type Abi } from '../../protocol/messages/index.ts'

/** A module, or the inputs of a lease, in one frame: the largest unit fits. Bounds what a sandbox holds besides the task. */
export const REQUEST_BYTES_MAX = LIMITS.unitInputBytesMax + 1_048_576
/** The outputs of a lease and the few bytes around them, or those of a unit and a profile with every function a module may have. */
export const REPLY_BYTES_MAX = LIMITS.leaseOutputBytesMax + 4_096
/** Least time between two progress replies of a run. */
export const PROGRESS_INTERVAL_MS = 100

/** Asks a process that has no module to run its own code once, so that the first lease finds it warm. */
export interface WarmRequest {
  readonly kind: 'warm'
}

/** The developer's module as it was submitted: no byte of it is read in the process that holds the keys. */
export interface LoadRequest {
  readonly kind: 'load'
  readonly module: Uint8Array
  readonly abi: Abi
  /** Pages of 64 KiB a unit may have. */
  readonly memoryPagesMax: number
  /** Version of the metering rules that the lease asks for. */
  readonly metering: number
}

export interface RunRequestFrame {
  readonly kind: 'run'
  /** The 10 bytes of the job's id. */
  readonly job: Uint8Array
  readonly firstUnit: number
  readonly args: readonly string[]
  readonly inputs: readonly Uint8Array[]
  /** Fuel that each unit may burn. */
  readonly unitFuelMax: number
}

/** One unit, for its developer. */
export interface InspectRequest extends Omit<RunRequestFrame, 'kind' | 'inputs'> {
  readonly kind: 'inspect'
  readonly input: Uint8Array
  /** Whether to count the fuel of each function, which takes longer. */
  readonly profile: boolean
}

export type SandboxRequest = WarmRequest | LoadRequest | RunRequestFrame | InspectRequest

export type SandboxReply =
  /** The process is up. Said once, unasked. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'warm' }
  | { readonly kind: 'loaded' }
  /** The module is not one that may be run; a `bad_module` with its sentence. */
  | {
      readonly kind: 'refused'
      readonly section: string
      readonly offset: number
      readonly reason: string
      readonly message: string
    }
  /** Units before `index` are done; sent at most every {@link PROGRESS_INTERVAL_MS}. */
  | { readonly kind: 'progress'; readonly index: number }
  | { readonly kind: 'done'; readonly outputs: Uint8Array; readonly elapsedMs: number }
  /** The outputs of the run outgrew what a lease may hold at unit `index`. */
  | { readonly kind: 'overflow'; readonly index: number }
  | InspectedReply
  /** This machine could not do it. The process ends. */
  | { readonly kind: 'trouble'; readonly reason: string }

/** What came of one inspected unit. */
export interface InspectedReply {
  readonly kind: 'inspected'
  /** Of this one unit. */
  readonly outputs: Uint8Array
  readonly elapsedMs: number
  /** The last of its standard error. */
  readonly stderr: Uint8Array
  /** Function index and fuel in turn, when it was asked for. */
  readonly profile: readonly number[]
  /** Functions that were active at a trap, by index and innermost first. */
  readonly trace: readonly number[]
}

/** The frame of a request. */
export function encodeRequest(request: SandboxRequest): Uint8Array {
  switch (request.kind) {
    case 'warm':
      return frame(['warm'])
    case 'load': {
      const { module, abi, memoryPagesMax, metering } = request
      return frame(['load', module, ABIS.indexOf(abi), memoryPagesMax, metering])
    }
    case 'run':
      return frame(['run', request.job, request.firstUnit, request.args, request.inputs, request.unitFuelMax])
    case 'inspect': {
      const { job, firstUnit, args, input, unitFuelMax, profile } = request
      return frame(['inspect', job, firstUnit, args, [input], unitFuelMax, profile])
    }
  }
}

/** The frame of a reply. */
export function encodeReply(reply: SandboxReply): Uint8Array {
  switch (reply.kind) {
    case 'ready':
    case 'warm':
    case 'loaded':
      return frame([reply.kind])
    case 'refused':
      return frame(['refused', reply.section, reply.offset, reply.reason, reply.message])
    case 'done':
      return frame(['done', reply.outputs, reply.elapsedMs])
    case 'inspected':
      return frame(['inspected', reply.outputs, reply.elapsedMs, reply.stderr, reply.profile, reply.trace])
    case 'trouble':
      return frame(['trouble', reply.reason])
    case 'progress':
    case 'overflow':
      return frame([reply.kind, reply.index])
  }
}

/**
 * The request of a frame's contents.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 */
export function decodeRequest(bytes: Uint8Array): SandboxRequest {
  const fields = new Fields('sandbox request', decode(bytes, { maxBytes: REQUEST_BYTES_MAX }))
  switch (fields.kind) {
    case 'warm':
      return { kind: 'warm' }
    case 'load':
      return {
        kind: 'load',
        module: fields.bytes(1),
        abi: ABIS[fields.uint(2)] ?? fields.fail(),
        memoryPagesMax: fields.uint(3),
        metering: fields.uint(4),
      }
    case 'run':
    case 'inspect': {
      const args = fields.list(3).map(value => (typeof value === 'string' ? value : fields.fail()))
      const inputs = fields.list(4).map(value => (value instanceof Uint8Array ? value : fields.fail()))
      const units = { job: fields.bytes(1), firstUnit: fields.uint(2), args, unitFuelMax: fields.uint(5) }
      if (fields.kind === 'run') return { kind: 'run', ...units, inputs }
      return { kind: 'inspect', ...units, input: inputs[0] ?? fields.fail(4), profile: fields.boolean(6) }
    }
    default:
      return fields.fail()
  }
}

/**
 * The reply of a frame's contents.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 */
export function decodeReply(bytes: Uint8Array): SandboxReply {
  const fields = new Fields('sandbox reply', decode(bytes, { maxBytes: REPLY_BYTES_MAX }))
  switch (fields.kind) {
    case 'ready':
    case 'warm':
    case 'loaded':
      return { kind: fields.kind }
    case 'refused':
      return {
        kind: 'refused',
        section: fields.text(1),
        offset: fields.uint(2),
        reason: fields.text(3),
        message: fields.text(4),
      }
    case 'progress':
    case 'overflow':
      return { kind: fields.kind, index: fields.uint(1) }
    case 'done':
      return { kind: 'done', outputs: fields.bytes(1), elapsedMs: fields.uint(2) }
    case 'inspected':
      return {
        kind: 'inspected',
        outputs: fields.bytes(1),
        elapsedMs: fields.uint(2),
        stderr: fields.bytes(3),
        profile: fields.uints(4),
        trace: fields.uints(5),
      }
    case 'trouble':
      return { kind: 'trouble', reason: fields.text(1) }
    default:
      return fields.fail()
  }
}

function frame(value: CborValue): Uint8Array {
  const body = encode(value)
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, body.length)
  return concatBytes(length, body)
}

/** Typed access to the elements of one message. */
class Fields {
  readonly kind: string
  readonly #message: string
  readonly #items: readonly CborValue[]

  constructor(message: string, value: CborValue) {
    this.#message = message
    this.#items = Array.isArray(value) ? value : []
    this.kind = this.text(0)
  }

  uint(index: number): number {
    const value = this.#items[index]
    return typeof value === 'number' && value >= 0 ? value : this.fail(index)
  }

  text(index: number): string {
    const value = this.#items[index]
    return typeof value === 'string' ? value : this.fail(index)
  }

  bytes(index: number): Uint8Array {
    const value = this.#items[index]
    return value instanceof Uint8Array ? value : this.fail(index)
  }

  boolean(index: number): boolean {
    const value = this.#items[index]
    return typeof value === 'boolean' ? value : this.fail(index)
  }

  list(index: number): readonly CborValue[] {
    const value = this.#items[index]
    return Array.isArray(value) ? value : this.fail(index)
  }

  uints(index: number): number[] {
    return this.list(index).map(value => (typeof value === 'number' && value >= 0 ? value : this.fail(index)))
  }

  fail(index = 0): never {
    const info = { code: 'bad_message', message: this.#message, field: `[${index}]`, reason: 'type' } as const
    throw new ProtocolError(info, `Element ${index} of a ${this.#message} is not what it must be.`)
  }
}
