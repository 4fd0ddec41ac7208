/** Messages from devices: valid ones, and for each field the ways it can be wrong. */
import { fromHex } from '../../protocol/bytes.ts'
import type { Hello, LeaseResult } from '../../protocol/messages/index.ts'
import { b, bytesFaults, type Cases, inside, listFaults, MAX, rangeFaults, textFaults, uintFaults } from './faults.ts'

const connect: Cases = {
  name: 'connect',
  valid: [
    { title: 'the first connect of a device', input: { counter: 1, publicKey: b(32, 1) } },
    { title: 'the last counter there is', input: { counter: MAX, publicKey: b(32, 255) } },
  ],
  invalid: [
    { title: 'another version', at: [0], to: 'hr/2', field: 'version' },
    { title: 'the version is a number', at: [0], to: 1, field: 'version' },
    ...uintFaults('counter', [1]),
    ...bytesFaults('publicKey', [2], 32),
  ],
}

const join: Cases = {
  name: 'join',
  valid: [
    { title: 'a join', input: { session: 1, claimId: b(8, 1), proof: b(32, 9), label: 'attic' } },
    {
      title: 'a label of 64 bytes',
      input: { session: 256, claimId: b(8), proof: b(32), label: 'ü'.repeat(32) },
    },
  ],
  invalid: [
    ...uintFaults('session', [0]),
    ...bytesFaults('claimId', [1], 8),
    ...bytesFaults('proof', [2], 32),
    ...textFaults('label', [3], 64),
  ],
}

const pi: Hello = {
  session: 3,
  seq: 0,
  label: 'attic',
  software: 'hedgerow/0.1.0',
  arch: 'arm64',
  cores: 4,
  memoryMiB: 3_792,
  slots: 3,
  creditLeases: 6,
  abis: ['wasi', 'reactor'],
  metering: [1],
}

const hello: Cases = {
  name: 'hello',
  valid: [
    { title: 'a Pi 4', input: pi },
    {
      title: 'a device that takes no work yet',
      input: { ...pi, label: '', slots: 0, creditLeases: 0, abis: ['wasi'] },
    },
    {
      title: 'every number at its bound',
      input: {
        ...pi,
        session: MAX,
        seq: MAX,
        cores: 2 ** 32 - 1,
        memoryMiB: 2 ** 32 - 1,
        slots: 64,
        creditLeases: 256,
        metering: [1, 2, 3, 23, 24, 25, 254, 255],
      },
    },
  ],
  invalid: [
    ...uintFaults('session', [0]),
    ...uintFaults('seq', [1]),
    ...textFaults('label', [2], 64),
    ...textFaults('software', [3], 64),
    ...textFaults('arch', [4], 64),
    ...rangeFaults('cores', [5], 1, 2 ** 32 - 1),
    ...rangeFaults('memoryMiB', [6], 1, 2 ** 32 - 1),
    ...rangeFaults('slots', [7], 0, 64),
    ...rangeFaults('creditLeases', [8], 0, 256),
    ...listFaults('abis', [9], 2, 0),
    { title: 'an unknown calling convention', at: [9, 1], to: 2, field: 'abis[1]' },
    { title: 'a calling convention twice', at: [9, 1], to: 0, field: 'abis[1]', beyondCddl: true },
    { title: 'calling conventions out of order', at: [9], to: [1, 0], field: 'abis[1]', beyondCddl: true },
    ...listFaults('metering', [10], 8, 1),
    ...rangeFaults('metering[0]', [10, 0], 1, 255),
    { title: 'a metering version twice', at: [10], to: [1, 1], field: 'metering[1]', beyondCddl: true },
    { title: 'metering versions out of order', at: [10], to: [2, 1], field: 'metering[1]', beyondCddl: true },
  ],
}

const status: Cases = {
  name: 'status',
  valid: [
    { title: 'at work', input: { session: 3, seq: 1, creditLeases: 6, runningLeases: 2, reason: '' } },
    {
      title: 'too warm to work',
      input: { session: 3, seq: 2, creditLeases: 0, runningLeases: 0, reason: 'The processor is at 81 °C.' },
    },
  ],
  invalid: [
    ...uintFaults('session', [0]),
    ...uintFaults('seq', [1]),
    ...rangeFaults('creditLeases', [2], 0, 256),
    ...rangeFaults('runningLeases', [3], 0, 256),
    ...textFaults('reason', [4], 256),
  ],
}

const done: LeaseResult = {
  leaseId: 41,
  outcome: 'done',
  digest: b(32, 64),
  // [[1000, h'30'], [7, 1, 0]]
  outputs: fromHex('82821903e8413083070100'),
  elapsedMs: 1_934,
  detail: '',
  metering: 1,
}
const none: LeaseResult = {
  leaseId: 42,
  outcome: 'none',
  digest: null,
  outputs: null,
  elapsedMs: 10_000,
  detail: 'A unit ran longer than 10 s.',
  metering: 1,
}

const result: Cases = {
  name: 'result',
  valid: [
    { title: 'one lease done and one without a result', input: { session: 3, seq: 7, results: [done, none] } },
    { title: 'outputs put up as a blob', input: { session: 3, seq: 8, results: [{ ...done, outputs: null }] } },
    {
      title: 'a lease of metering rules that the device does not run',
      input: {
        session: 3,
        seq: 9,
        results: [{ ...none, elapsedMs: 0, metering: 255, detail: 'This device does not run metering version 255.' }],
      },
    },
  ],
  invalid: [
    ...uintFaults('session', [0]),
    ...uintFaults('seq', [1]),
    ...listFaults('results', [2], 256, null),
    { title: 'a result of six elements', at: [2, 1], to: [42, 1, null, null, 0, ''], field: 'results[1]' },
    ...uintFaults('leaseId', [2, 0, 0]).map(inside('results[0]')),
    { title: 'an unknown outcome', at: [2, 0, 1], to: 2, field: 'results[0].outcome' },
    ...bytesFaults('digest', [2, 0, 2], 32).map(inside('results[0]')),
    { title: 'done without a digest', at: [2, 0, 2], to: null, field: 'results[0].digest' },
    { title: 'outputs of no bytes', at: [2, 0, 3], to: b(0), field: 'results[0].outputs' },
    { title: 'outputs as an array', at: [2, 0, 3], to: [b(1)], field: 'results[0].outputs' },
    { title: 'a digest without a result', at: [2, 1, 2], to: b(32), field: 'results[1].digest' },
    { title: 'outputs without a result', at: [2, 1, 3], to: b(1), field: 'results[1].outputs' },
    ...uintFaults('elapsedMs', [2, 1, 4]).map(inside('results[1]')),
    ...textFaults('detail', [2, 1, 5], 256).map(inside('results[1]')),
    ...rangeFaults('metering', [2, 0, 6], 1, 255).map(inside('results[0]')),
    ...rangeFaults('metering', [2, 1, 6], 1, 255).map(inside('results[1]')),
  ],
}

const blob: Cases = {
  name: 'blob',
  valid: [
    { title: 'a slip for 3 MB', input: { digest: b(32, 64), size: 3_000_000 } },
    { title: 'a slip for the most there is', input: { digest: b(32), size: 16_777_216 } },
  ],
  invalid: [...bytesFaults('digest', [0], 32), ...rangeFaults('size', [1], 1, 16_777_216)],
}

/** Connect, join, hello, status, result, and the slip for a blob. */
export const UPLINK_CASES: readonly Cases[] = [connect, join, hello, status, result, blob]
