/** The host functions of a run, the same for the plain module, the metered one and the interpreter: a small stand-in for the device's. */
import { hostFuel, randomFuel } from '../../protocol/metering/index.ts'
import { Trap } from './values.ts'

/** What the host functions of one run work on. */
export interface HostPort {
  /** All bytes of the task's memory, as they are now. */
  memory(): Uint8Array
  /** Takes fuel for work by length, before it is done. @throws {OutOfFuel} */
  charge(fuel: number): void
}

/** Thrown out of a task's code when a host function cost more fuel than there was. */
export class OutOfFuel extends Error {}

/** Thrown out of a task's code by `proc_exit`. */
export class Exit extends Error {
  readonly code: number

  constructor(code: number) {
    super(`exit ${code}`)
    this.code = code
  }
}

type Operand = number | bigint | undefined

/** A function that a task may call. 64-bit operands are bigint. */
export type HostFunction = (...operands: (number | bigint)[]) => number | undefined

const ERRNO = { success: 0, badFile: 8, fault: 21, invalid: 28, notImplemented: 52 } as const
const STDIN = 0
const STDOUT = 1
/** Vectors of one call; a number out of a random operand must not take for ever. */
const VECTORS_MAX = 16

/** What a task wrote, and the functions it may call. */
export class Host {
  readonly #port: HostPort
  readonly #input: Uint8Array
  #inputUsed = 0
  readonly output: number[] = []
  #random = 1

  /** @param input - what a command finds on its standard input */
  constructor(port: HostPort, input: Uint8Array) {
    this.#port = port
    this.#input = input
  }

  /** The function a task imports by these names. */
  function(module: string, field: string): HostFunction {
    if (module === 'env') {
      return () => {
        throw new Trap('unreachable')
      }
    }
    switch (field) {
      case 'random_get':
        return (pointer, length) => this.#randomGet(unsigned(pointer), unsigned(length))
      case 'fd_read':
        return (file, vectors, count, result) => {
          if (file !== STDIN) return ERRNO.badFile
          return this.#eachRange(vectors, count, result, range => this.#read(range))
        }
      case 'fd_write':
        return (file, vectors, count, result) => {
          if (file !== STDOUT) return ERRNO.badFile
          return this.#eachRange(vectors, count, result, range => this.#write(range))
        }
      case 'args_sizes_get':
      case 'environ_sizes_get':
        return (count, size) => this.#sizes(count, size)
      case 'args_get':
      case 'environ_get':
      case 'sched_yield':
        return () => ERRNO.success
      case 'proc_exit':
        return code => {
          throw new Exit(unsigned(code))
        }
      case 'fd_prestat_get':
        return () => ERRNO.badFile
      default:
        return () => ERRNO.notImplemented
    }
  }

  /** No arguments and no environment. */
  #sizes(count: Operand, size: Operand): number {
    const [first, second] = [this.#bytes(unsigned(count), 4), this.#bytes(unsigned(size), 4)]
    first?.fill(0)
    second?.fill(0)
    return first === null || second === null ? ERRNO.fault : ERRNO.success
  }

  #randomGet(pointer: number, length: number): number {
    const target = this.#bytes(pointer, length)
    if (target === null) return ERRNO.fault
    this.#port.charge(randomFuel(length))
    for (let at = 0; at < length; at++) {
      this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) | 0
      target[at] = this.#random >>> 24
    }
    return ERRNO.success
  }

  #read(range: Uint8Array): number {
    const taken = this.#input.subarray(this.#inputUsed, this.#inputUsed + range.length)
    this.#port.charge(hostFuel(taken.length))
    this.#inputUsed += taken.length
    range.set(taken)
    return taken.length
  }

  #write(range: Uint8Array): number {
    this.#port.charge(hostFuel(range.length))
    for (const byte of range) this.output.push(byte)
    return range.length
  }

  /** Uses each range of a vector, in order, and stores how many bytes they took together. */
  #eachRange(vectors: Operand, count: Operand, result: Operand, use: (range: Uint8Array) => number): number {
    const [first, number, place] = [unsigned(vectors), unsigned(count), unsigned(result)]
    if (number > VECTORS_MAX) return ERRNO.invalid
    const list = this.#bytes(first, 8 * number)
    const taken = this.#bytes(place, 4)
    if (list === null || taken === null) return ERRNO.fault
    const view = new DataView(list.buffer, list.byteOffset, list.length)
    let total = 0
    for (let at = 0; at < list.length; at += 8) {
      const range = this.#bytes(view.getUint32(at, true), view.getUint32(at + 4, true))
      if (range === null) return ERRNO.fault
      total += use(range)
    }
    new DataView(taken.buffer, taken.byteOffset, 4).setUint32(0, total, true)
    return ERRNO.success
  }

  #bytes(pointer: number, length: number): Uint8Array | null {
    const memory = this.#port.memory()
    return pointer + length > memory.length ? null : memory.subarray(pointer, pointer + length)
  }
}

function unsigned(value: Operand): number {
  return Number(BigInt.asUintN(32, BigInt(value ?? 0)))
}
