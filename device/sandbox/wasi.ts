import { hostFuel, listFuel, randomFuel } from '../../protocol/metering/index.ts'
import { ERRNO } from './errno.ts'
import { GUEST_FAULT } from './guest-memory.ts'
import { CLOCKS, pollOneoff } from './poll.ts'
import { UNIT_ENDED, type UnitContext } from './unit-context.ts'

const STDIN = 0
const STDOUT = 1
const STDERR = 2
/** As POSIX systems bound it. */
const VECTORS_MAX = 1_024
/** Bytes of one entry of a scatter or gather list, and of one pointer. */
const VECTOR_BYTES = 8
const POINTER_BYTES = 4
/** Bytes of an `fdstat` and of a `filestat`. */
const FDSTAT_BYTES = 24
const FILESTAT_BYTES = 64
const RIGHT_READ = 2n
const RIGHT_WRITE = 64n

/** A function a task may call. Parameters come as numbers, 64-bit ones as bigint; the result goes back as an i32. */
export type HostFunction = (...values: never[]) => number | undefined

/**
 * WASI preview 1 as a task sees it: standard input and output, arguments, a seeded random stream, a clock that begins at 0 and moves only
 * when the task waits, and nothing else. No file system, no sockets, no environment. A pointer outside the memory is answered with EFAULT.
 * What works by length is charged by length before it is done, beyond what the module itself charges for the call.
 * @see spec/metering.md
 */
export function wasiFunctions(current: () => UnitContext): Readonly<Record<string, HostFunction>> {
  const plain: Record<string, HostFunction> = {
    args_sizes_get: (count: number, size: number) => {
      const { args, memory } = current()
      memory.writeU32(count, args.length)
      memory.writeU32(size, byteLength(args))
      return ERRNO.success
    },
    args_get: (pointers: number, text: number) => {
      const context = current()
      const { args, memory } = context
      context.charge(listFuel(args.length) + hostFuel(byteLength(args)))
      let at = text >>> 0
      for (const [index, arg] of args.entries()) {
        memory.writeU32(pointers + index * POINTER_BYTES, at)
        memory.bytes(at, arg.length).set(arg)
        at += arg.length
      }
      return ERRNO.success
    },
    environ_sizes_get: (count: number, size: number) => {
      const { memory } = current()
      memory.writeU32(count, 0)
      memory.writeU32(size, 0)
      return ERRNO.success
    },
    environ_get: () => ERRNO.success,
    clock_res_get: (clock: number, result: number) => writeTime(current(), clock, result, 1n),
    clock_time_get: (clock: number, _precision: bigint, result: number) =>
      writeTime(current(), clock, result, current().timeNs),
    poll_oneoff: (subscriptions: number, events: number, count: number, result: number) =>
      pollOneoff(current(), subscriptions, events, count, result),
    random_get: (target: number, length: number) => {
      const context = current()
      const bytes = context.memory.bytes(target, length)
      context.charge(randomFuel(bytes.length))
      context.random.fill(bytes)
      return ERRNO.success
    },
    sched_yield: () => ERRNO.success,
    proc_exit: (code: number) => {
      const context = current()
      const status = code >>> 0
      if (status !== 0) return context.end({ kind: 'exit', code: status })
      return context.end({ kind: 'ok', bytes: context.output() })
    },
    fd_read: (file: number, vectors: number, count: number, result: number) => {
      if (file !== STDIN) return ERRNO.badFile
      const context = current()
      const ranges = readVectors(context, vectors, count)
      if (ranges === null) return ERRNO.invalid
      context.charge(hostFuel(Math.min(byteLength(ranges), context.unread)))
      let total = 0
      for (const range of ranges) {
        const bytes = context.read(range.length)
        range.set(bytes)
        total += bytes.length
        if (bytes.length < range.length) break
      }
      context.memory.writeU32(result, total)
      return ERRNO.success
    },
    fd_write: (file: number, vectors: number, count: number, result: number) => {
      if (file !== STDOUT && file !== STDERR) return ERRNO.badFile
      const context = current()
      const ranges = readVectors(context, vectors, count)
      if (ranges === null) return ERRNO.invalid
      const total = byteLength(ranges)
      context.charge(hostFuel(total))
      for (const range of ranges) {
        if (file === STDOUT) context.write(range)
        else context.stderr?.push(range)
      }
      context.memory.writeU32(result, total)
      return ERRNO.success
    },
    fd_fdstat_get: (file: number, result: number) => {
      if (!isOpen(file)) return ERRNO.badFile
      const { memory } = current()
      // The file type is "unknown", as for a pipe; a character device would make C flush at every line.
      memory.bytes(result, FDSTAT_BYTES).fill(0)
      memory.writeU64(result + 8, file === STDIN ? RIGHT_READ : RIGHT_WRITE)
      return ERRNO.success
    },
    fd_filestat_get: (file: number, result: number) => {
      if (!isOpen(file)) return ERRNO.badFile
      // Of unknown type too, without size and times.
      current().memory.bytes(result, FILESTAT_BYTES).fill(0)
      return ERRNO.success
    },
    fd_seek: (file: number) => (isOpen(file) ? ERRNO.notSeekable : ERRNO.badFile),
    fd_tell: (file: number) => (isOpen(file) ? ERRNO.notSeekable : ERRNO.badFile),
    fd_close: (file: number) => (isOpen(file) ? ERRNO.success : ERRNO.badFile),
    fd_prestat_get: () => ERRNO.badFile,
    fd_prestat_dir_name: () => ERRNO.badFile,
  }
  return Object.fromEntries(Object.entries(plain).map(([name, run]) => [name, guarded(current, run)]))
}

/** The answer to every other function of WASI preview 1. */
export const notImplemented: HostFunction = () => ERRNO.notImplemented

/** Keeps an ended unit ended, and turns a bad pointer into an error number. */
function guarded(current: () => UnitContext, run: HostFunction): HostFunction {
  return (...values) => {
    if (current().settled !== null) throw UNIT_ENDED
    try {
      return run(...values)
    } catch (thrown) {
      if (thrown === GUEST_FAULT) return ERRNO.fault
      throw thrown
    }
  }
}

function isOpen(file: number): boolean {
  return file >= STDIN && file <= STDERR
}

function byteLength(parts: readonly Uint8Array[]): number {
  return parts.reduce((total, part) => total + part.length, 0)
}

function writeTime({ memory }: UnitContext, clock: number, result: number, value: bigint): number {
  if (clock >>> 0 >= CLOCKS) return ERRNO.invalid
  memory.writeU64(result, value)
  return ERRNO.success
}

/** The ranges of a scatter or gather list, which costs by its own entries; null when there are too many. */
function readVectors(context: UnitContext, vectors: number, count: number): Uint8Array[] | null {
  if (count >>> 0 > VECTORS_MAX) return null
  context.charge(listFuel(count))
  const { memory } = context
  const ranges: Uint8Array[] = []
  for (let i = 0; i < count; i++) {
    const at = (vectors >>> 0) + i * VECTOR_BYTES
    ranges.push(memory.bytes(memory.readU32(at), memory.readU32(at + 4)))
  }
  return ranges
}
