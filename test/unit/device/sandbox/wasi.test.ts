import { describe, expect, test } from 'vitest'
import { engine } from '../../../../device/sandbox/engine.ts'
import { GuestMemory } from '../../../../device/sandbox/guest-memory.ts'
import { UNIT_ENDED } from '../../../../device/sandbox/unit-context.ts'
import { wasiFunctions } from '../../../../device/sandbox/wasi.ts'
import { LIMITS } from '../../../../protocol/limits.ts'
import { WASI_FUNCTIONS } from '../../../../protocol/metering/index.ts'
import { hostWorld } from './host-world.ts'

const BAD_FILE = 8
const FAULT = 21
const INVALID = 28
const NOT_IMPLEMENTED = 52
const NOT_SEEKABLE = 70
const PAGE = 65_536

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (thrown) {
    return thrown
  }
  return undefined
}

test('reads standard input across ranges, to its end', () => {
  const { call, vectors, view, text } = hostWorld('hello world')
  vectors(100, 4, 200, 100)
  expect(call('fd_read', 0, 0, 2, 40)).toBe(0)
  expect(view().getUint32(40, true)).toBe(11)
  expect([text(100, 4), text(200, 7)]).toEqual(['hell', 'o world'])
  expect(call('fd_read', 0, 0, 2, 40)).toBe(0)
  expect(view().getUint32(40, true)).toBe(0)
})

test('writes standard output, and keeps standard error apart', () => {
  const { call, vectors, view, put, output, stderr } = hostWorld()
  put(100, 'one two')
  vectors(100, 4, 104, 3)
  expect(call('fd_write', 1, 0, 2, 40)).toBe(0)
  expect(call('fd_write', 2, 0, 2, 40)).toBe(0)
  expect(view().getUint32(40, true)).toBe(7)
  expect(call('fd_write', 1, 0, 1, 40)).toBe(0)
  expect(output()).toBe('one twoone ')
  expect(stderr()).toBe('one two')
})

test('keeps the last 4 KiB of standard error', () => {
  const { call, vectors, put, stderr } = hostWorld()
  put(100, 'a'.repeat(5_000))
  vectors(100, 5_000)
  call('fd_write', 2, 0, 1, 40)
  expect(stderr()).toBe('a'.repeat(4_096))
  put(100, 'the end')
  vectors(100, 3, 103, 4)
  call('fd_write', 2, 0, 2, 40)
  expect(stderr()).toBe(`${'a'.repeat(4_089)}the end`)
})

/** An entry of a list. */
const RANGE = 64

describe('by length is charged [FUEL-4.1] [FUEL-4.2] [FUEL-4.3] [FUEL-4.4]', () => {
  test.each<[what: string, name: string, values: (number | bigint)[], vectors: number[], fuel: number]>([
    ['each range and every byte written', 'fd_write', [1, 0, 2, 40], [100, 30, 200, 31], 2 * RANGE + 7],
    ['the same for standard error', 'fd_write', [2, 0, 2, 40], [100, 30, 200, 31], 2 * RANGE + 7],
    ['every byte read, however many were asked for', 'fd_read', [0, 0, 1, 40], [100, 60_000], RANGE + 5],
    ['no byte more than was asked for', 'fd_read', [0, 0, 1, 40], [100, 16], RANGE + 2],
    [
      'the list of ranges alone when one is outside the memory',
      'fd_write',
      [1, 0, 2, 40],
      [100, 30, 65_530, 7],
      2 * RANGE,
    ],
    ['nothing for a list that is too long', 'fd_write', [1, 0, 1_025, 40], [], 0],
    ['nothing for a file that is not open', 'fd_write', [3, 0, 1, 40], [100, 800], 0],
    ['each argument, and their bytes with their ends', 'args_get', [16, 100], [], 2 * RANGE + 1],
    ['a hundred for each random byte', 'random_get', [100, 33], [], 3_300],
    ['nothing for random bytes outside the memory', 'random_get', [65_530, 7], [], 0],
    ['nothing for the time', 'clock_time_get', [0, 0n, 8], [], 0],
    ['nothing for what is not implemented', 'path_open', [0, 0, 0, 0], [], 0],
  ])('%s', (_what, name, values, vectors, fuel) => {
    const host = hostWorld('x'.repeat(47), ['task', 'ab'])
    host.vectors(...vectors)
    host.call(name, ...values)
    expect(host.charged()).toBe(fuel)
  })

  test('before the work, so a unit that cannot pay ends without it', () => {
    const host = hostWorld('input', [], RANGE + 5)
    host.put(100, 'x'.repeat(64))
    host.vectors(100, 32)
    expect(host.call('fd_write', 1, 0, 1, 40)).toBe(0)
    expect(host.charged()).toBe(RANGE + 4)
    expect(thrownBy(() => host.call('fd_write', 1, 0, 1, 40))).toBe(UNIT_ENDED)
    expect(host.context.settled).toEqual({ kind: 'out_of_fuel' })
    expect(host.output()).toBe('x'.repeat(32))
    const random = hostWorld('', [], 99)
    expect(thrownBy(() => random.call('random_get', 100, 1))).toBe(UNIT_ENDED)
    expect(random.view().getUint8(100)).toBe(0)
  })
})

test('ends a unit whose output passes the limit, and keeps it ended', () => {
  const { call, vectors, context } = hostWorld()
  vectors(0, PAGE)
  const fits = LIMITS.unitOutputBytesMax / PAGE
  for (let i = 0; i < fits; i++) expect(call('fd_write', 1, 0, 1, 40)).toBe(0)
  vectors(0, 1)
  expect(thrownBy(() => call('fd_write', 1, 0, 1, 40))).toBe(UNIT_ENDED)
  expect(context.settled).toEqual({ kind: 'trap', trap: 'output_too_large' })
  expect(thrownBy(() => call('proc_exit', 0))).toBe(UNIT_ENDED)
  expect(thrownBy(() => call('sched_yield'))).toBe(UNIT_ENDED)
  expect(context.settled).toEqual({ kind: 'trap', trap: 'output_too_large' })
})

test.each([
  ['fd_write', [1, 65_535, 1, 0]],
  ['fd_write', [1, 0, 1, 65_533]],
  ['fd_write', [1, -8, 1, 0]],
  ['fd_read', [0, 65_530, 1, 0]],
  ['random_get', [65_530, 7]],
  ['random_get', [0, -1]],
  ['args_sizes_get', [65_533, 0]],
  ['args_get', [65_533, 0]],
  ['args_get', [0, 65_535]],
  ['environ_sizes_get', [0, -4]],
  ['clock_time_get', [0, 0n, 65_529]],
  ['fd_fdstat_get', [0, 65_520]],
  ['fd_filestat_get', [0, 65_480]],
] as const)('answers a pointer outside the memory with EFAULT: %s (case %#)', (name, values) => {
  const { call, vectors } = hostWorld('input', ['argument'])
  vectors(8, 4)
  expect(call(name, ...values)).toBe(FAULT)
})

test('answers a range outside the memory with EFAULT', () => {
  const { call, vectors } = hostWorld('input')
  for (const pair of [
    [65_530, 7],
    [0xffff_ffff, 1],
    [0, 0xffff_ffff],
  ]) {
    vectors(...pair)
    expect(call('fd_read', 0, 0, 1, 40)).toBe(FAULT)
    expect(call('fd_write', 1, 0, 1, 40)).toBe(FAULT)
  }
})

test('refuses endless lists of ranges', () => {
  const { call } = hostWorld()
  expect(call('fd_write', 1, 0, 1_025, 40)).toBe(INVALID)
  expect(call('fd_read', 0, 0, -1, 40)).toBe(INVALID)
})

test('hands over the arguments', () => {
  const { call, view, text } = hostWorld('', ['task', '--size=3', ''])
  expect(call('args_sizes_get', 0, 4)).toBe(0)
  expect([view().getUint32(0, true), view().getUint32(4, true)]).toEqual([3, 15])
  expect(call('args_get', 16, 100)).toBe(0)
  expect([0, 1, 2].map(index => view().getUint32(16 + index * 4, true))).toEqual([100, 105, 114])
  expect(text(100, 15)).toBe('task\0--size=3\0\0')
})

test('has no environment, no folders and a clock that stands still [CLOCK-1.1]', () => {
  const { call, view } = hostWorld()
  view().setUint32(0, 99, true)
  expect(call('environ_sizes_get', 0, 4)).toBe(0)
  expect([view().getUint32(0, true), view().getUint32(4, true)]).toEqual([0, 0])
  expect(call('environ_get', 0, 0)).toBe(0)
  for (let file = 0; file < 10; file++) expect(call('fd_prestat_get', file, 0)).toBe(BAD_FILE)
  view().setBigUint64(8, 5n, true)
  for (const clock of [0, 1, 2, 3]) expect(call('clock_time_get', clock, 1n, 8)).toBe(0)
  expect(view().getBigUint64(8, true)).toBe(0n)
  expect(call('clock_res_get', 0, 8)).toBe(0)
  expect(view().getBigUint64(8, true)).toBe(1n)
  expect(call('clock_time_get', 4, 1n, 8)).toBe(INVALID)
})

test('has three open files and no more', () => {
  const { call, view } = hostWorld()
  expect(call('fd_fdstat_get', 1, 0)).toBe(0)
  expect([view().getUint8(0), view().getBigUint64(8, true)]).toEqual([0, 64n])
  new Uint8Array(view().buffer, 100, 65).fill(9)
  expect(call('fd_filestat_get', 0, 100)).toBe(0)
  expect([...new Uint8Array(view().buffer, 100, 65)]).toEqual([...new Array(64).fill(0), 9])
  for (const file of [0, 1, 2]) expect(call('fd_seek', file, 0n, 0, 0)).toBe(NOT_SEEKABLE)
  for (const file of [3, 4, -1, 100]) {
    expect(call('fd_fdstat_get', file, 0)).toBe(BAD_FILE)
    expect(call('fd_seek', file, 0n, 0, 0)).toBe(BAD_FILE)
    expect(call('fd_filestat_get', file, 0)).toBe(BAD_FILE)
    expect(call('fd_close', file)).toBe(BAD_FILE)
    expect(call('fd_read', file, 0, 0, 0)).toBe(BAD_FILE)
    expect(call('fd_write', file, 0, 0, 0)).toBe(BAD_FILE)
  }
  expect(call('fd_read', 1, 0, 0, 0)).toBe(BAD_FILE)
  expect(call('fd_write', 0, 0, 0, 0)).toBe(BAD_FILE)
})

test('answers every other function of preview 1 with ENOSYS', () => {
  const { context } = hostWorld()
  const known = Object.keys(wasiFunctions(() => context))
  expect(WASI_FUNCTIONS).toHaveLength(46)
  expect(WASI_FUNCTIONS).toEqual(expect.arrayContaining(known))
  const others = WASI_FUNCTIONS.filter(name => !known.includes(name))
  expect(others).toEqual(expect.arrayContaining(['path_open', 'sock_accept', 'sock_send', 'fd_pread', 'fd_readdir']))
  const { call } = hostWorld()
  for (const name of others) expect(call(name, 3, 0, 0, 0)).toBe(NOT_IMPLEMENTED)
})

test('follows a memory that has grown', () => {
  const memory = new engine.Memory({ initial: 1, maximum: 2 })
  const guest = new GuestMemory(memory)
  guest.writeU32(0, 1)
  const grow = (memory as unknown as { grow(pages: number): number }).grow.bind(memory)
  grow(1)
  guest.writeU32(PAGE, 7)
  expect(guest.readU32(PAGE)).toBe(7)
})
