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
/** The outputs of a lease and the few bytes around them. */
export const REPLY_BYTES_MAX = LIMITS.leaseOutputBytesMax + 4_096
/** Least time between two progress replies of a run. */
export const PROGRESS_INTERVAL_MS = 100

export interface LoadRequest {
  readonly kind: 'load'
  /** A module as `prepareModule` makes it. */
  readonly module: Uint8Array
  readonly abi: Abi
  /** The prepared memory import's own limits, in pages. */
  readonly initialPages: number
  readonly maximumPages: number
  /** As `prepareModule` found: one instance may then serve many units. */
  readonly resettable: boolean
}

export interface RunRequestFrame {
  readonly kind: 'run'
  /** The 10 bytes of the job's id. */
  readonly job: Uint8Array
  readonly firstUnit: number
  readonly args: readonly string[]
  readonly inputs: readonly Uint8Array[]
}

export type SandboxRequest = LoadRequest | RunRequestFrame

export type SandboxReply =
  | { readonly kind: 'loaded' }
  /** The engine does not accept the module. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Units before `index` are done; sent at most every {@link PROGRESS_INTERVAL_MS}. */
  | { readonly kind: 'progress'; readonly index: number }
  | { readonly kind: 'done'; readonly outputs: Uint8Array; readonly elapsedMs: number }
  /** The outputs of the run outgrew what a lease may hold at unit `index`. */
  | { readonly kind: 'overflow'; readonly index: number }

/** The frame of a request. */
export function encodeRequest(request: SandboxRequest): Uint8Array {
  if (request.kind === 'load') {
    const { module, abi, initialPages, maximumPages, resettable } = request
    return frame(['load', module, ABIS.indexOf(abi), initialPages, maximumPages, resettable])
  }
  return frame(['run', request.job, request.firstUnit, request.args, request.inputs])
}

/** The frame of a reply. */
export function encodeReply(reply: SandboxReply): Uint8Array {
  switch (reply.kind) {
    case 'loaded':
      return frame(['loaded'])
    case 'refused':
      return frame(['refused', reply.reason])
    case 'done':
      return frame(['done', reply.outputs, reply.elapsedMs])
    default:
      return frame([reply.kind, reply.index])
  }
}

/**
 * The request of a frame's contents.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 */
export function decodeRequest(bytes: Uint8Array): SandboxRequest {
  const fields = new Fields('sandbox request', decode(bytes, { maxBytes: REQUEST_BYTES_MAX }))
  if (fields.kind === 'load') {
    const abi = ABIS[fields.uint(2)] ?? fields.fail()
    return {
      kind: 'load',
      module: fields.bytes(1),
      abi,
      initialPages: fields.uint(3),
      maximumPages: fields.uint(4),
      resettable: fields.boolean(5),
    }
  }
  if (fields.kind !== 'run') fields.fail()
  const args = fields.list(3).map(value => (typeof value === 'string' ? value : fields.fail()))
  const inputs = fields.list(4).map(value => (value instanceof Uint8Array ? value : fields.fail()))
  return { kind: 'run', job: fields.bytes(1), firstUnit: fields.uint(2), args, inputs }
}

/**
 * The reply of a frame's contents.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 */
export function decodeReply(bytes: Uint8Array): SandboxReply {
  const fields = new Fields('sandbox reply', decode(bytes, { maxBytes: REPLY_BYTES_MAX }))
  switch (fields.kind) {
    case 'loaded':
      return { kind: 'loaded' }
    case 'refused':
      return { kind: 'refused', reason: fields.text(1) }
    case 'progress':
    case 'overflow':
      return { kind: fields.kind, index: fields.uint(1) }
    case 'done':
      return { kind: 'done', outputs: fields.bytes(1), elapsedMs: fields.uint(2) }
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

  fail(index = 0): never {
    const info = { code: 'bad_message', message: this.#message, field: `[${index}]`, reason: 'type' } as const
    throw new ProtocolError(info, `Element ${index} of a ${this.#message} is not what it must be.`)
  }
}
