import { expect, test } from 'vitest'
import {
  decodeReply,
  decodeRequest,
  encodeReply,
  encodeRequest,
  type SandboxReply,
  type SandboxRequest,
} from '../../../../device/sandbox/ipc.ts'
import { encode } from '../../../../protocol/cbor/index.ts'
import { ProtocolError } from '../../../../protocol/errors.ts'
import { seededRandom } from '../../../../protocol/random.ts'
import { mutate } from '../../../support/mutate.ts'

const UNITS = { job: new Uint8Array(10), firstUnit: 70_000, args: ['a', ''], unitFuelMax: 100_000_000_000 }
const REQUESTS: SandboxRequest[] = [
  { kind: 'warm' },
  { kind: 'load', module: Uint8Array.of(1, 2), abi: 'reactor', memoryPagesMax: 1_024, metering: 1 },
  { kind: 'run', ...UNITS, inputs: [Uint8Array.of(9), new Uint8Array(0)] },
  { kind: 'inspect', ...UNITS, input: Uint8Array.of(9), profile: true },
]
const REPLIES: SandboxReply[] = [
  { kind: 'ready' },
  { kind: 'warm' },
  { kind: 'loaded' },
  { kind: 'refused', section: 'code section', offset: 70, reason: 'why', message: 'What and why.' },
  { kind: 'progress', index: 3 },
  { kind: 'overflow', index: 4 },
  { kind: 'done', outputs: Uint8Array.of(0x80), elapsedMs: 5 },
  {
    kind: 'inspected',
    outputs: Uint8Array.of(0x80),
    elapsedMs: 5,
    stderr: Uint8Array.of(33),
    profile: [3, 100_000_000_000],
    trace: [7, 1],
  },
  { kind: 'trouble', reason: 'no memory' },
]

const contents = (frame: Uint8Array) => frame.subarray(4)

test('requests and replies survive the way', () => {
  for (const request of REQUESTS) expect(decodeRequest(contents(encodeRequest(request)))).toEqual(request)
  for (const reply of REPLIES) expect(decodeReply(contents(encodeReply(reply)))).toEqual(reply)
})

test('a frame begins with its length', () => {
  const frame = encodeReply({ kind: 'loaded' })
  expect(new DataView(frame.buffer).getUint32(0)).toBe(frame.length - 4)
})

test.each([
  ['no array', 1],
  ['an empty array', []],
  ['an unknown kind', ['open', '/etc/passwd']],
  ['a missing element', ['done', Uint8Array.of(1)]],
  ['a wrong type', ['progress', '3']],
  ['a negative number', ['progress', -1]],
  ['a profile that is no numbers', ['inspected', Uint8Array.of(1), 1, Uint8Array.of(1), [1, 'x'], []]],
  ['a trace that is no numbers', ['inspected', Uint8Array.of(1), 1, Uint8Array.of(1), [], [-1]]],
  ['an inspection without a unit', ['inspect', Uint8Array.of(1), 1, [], [], 1, true]],
])('refuses %s', (_title, value) => {
  expect(() => decodeReply(encode(value))).toThrow(ProtocolError)
  expect(() => decodeRequest(encode(value))).toThrow(ProtocolError)
})

test('mutated replies are read or refused, nothing else', () => {
  const frames = REPLIES.map(reply => contents(encodeReply(reply)))
  for (let seed = 0; seed < 5_000; seed++) {
    const random = seededRandom(seed)
    const sample = frames[seed % frames.length] ?? new Uint8Array(0)
    try {
      decodeReply(mutate(sample, frames[(seed + 1) % frames.length] ?? sample, random))
    } catch (error) {
      expect(error, `seed ${seed}`).toBeInstanceOf(ProtocolError)
    }
  }
})
