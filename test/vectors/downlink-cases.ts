/** Messages from the region: valid ones, and for each field the ways it can be wrong. */
import { fromHex, utf8 } from '../../protocol/bytes.ts'
import { jobId, sha256Hex } from '../../protocol/ids.ts'
import type { Cut, LeaseMessage, LeaseTask, RunInput, Welcome } from '../../protocol/messages/index.ts'
import { b, bytesFaults, type Cases, inside, listFaults, MAX, rangeFaults, textFaults, uintFaults } from './faults.ts'

const HASH = sha256Hex('9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08')

const welcomed: Welcome = {
  session: 3,
  coordinatorWallMs: 1_795_000_000_000,
  regionKey: b(32, 128),
  standing: 'joined',
  blobUrl: 'http://192.0.2.1:8080/blob',
  heartbeatMs: 30_000,
  reason: '',
}

const welcome: Cases = {
  name: 'welcome',
  valid: [
    { title: 'joined', input: welcomed },
    ...(
      ['claim_unknown', 'claim_used', 'claim_expired', 'not_enrolled', 'revoked', 'caught', 'region_full'] as const
    ).map(standing => ({ title: standing, input: { ...welcomed, standing, blobUrl: '', reason: 'In words.' } })),
  ],
  invalid: [
    ...uintFaults('session', [0]),
    ...uintFaults('coordinatorWallMs', [1]),
    ...bytesFaults('regionKey', [2], 32),
    { title: 'an unknown standing', at: [3], to: 8, field: 'standing' },
    { title: 'the standing is a text', at: [3], to: 'joined', field: 'standing' },
    ...textFaults('blobUrl', [4], 512),
    ...rangeFaults('heartbeatMs', [5], 1, MAX),
    ...textFaults('reason', [6], 256),
  ],
}

const task = (cut: Cut): LeaseTask => ({
  job: jobId('aebagbafaydqqcik'),
  module: HASH,
  moduleBytes: 20_480,
  abi: 'wasi',
  memoryPagesMax: 1_024,
  unitTimeoutMs: 10_000,
  metering: 1,
  unitFuelMax: 1_000_000_000,
  args: ['--depth', '7'],
  cut,
})
const granted = (input: RunInput, first = 0) => ({
  leaseId: 41 + first,
  task: 0,
  firstUnit: first,
  unitCount: 64,
  leaseMs: 60_000,
  input,
})
const leased = (cut: Cut, ...inputs: RunInput[]): LeaseMessage => ({
  session: 3,
  tasks: [task(cut)],
  grants: inputs.map((input, i) => granted(input, i * 64)),
})
const part: RunInput = { kind: 'range', blob: HASH, offset: 65_536, length: 4_096, digest: b(32, 7) }

const taskFault = inside('tasks[0]')
const grantFault = inside('grants[0]')

const lease: Cases = {
  name: 'lease',
  valid: [
    { title: 'a part of a blob cut by bytes', input: leased({ kind: 'bytes', bytes: 64 }, part) },
    {
      title: 'two runs of a range',
      input: leased({ kind: 'range', from: -1_000, to: 1_000_000, chunk: 10 }, null, null),
    },
    { title: 'inline lines', input: leased({ kind: 'lines', lines: 1 }, { kind: 'inline', bytes: utf8('a\nb\n') }) },
    {
      title: 'records of a blob',
      input: leased({ kind: 'records', delimiter: utf8('\n\n'), records: 5 }, part),
    },
    { title: 'items, inline', input: leased({ kind: 'items' }, { kind: 'inline', bytes: fromHex('41614162') }) },
    {
      title: 'the newest metering there can be and the most fuel',
      input: {
        session: 3,
        tasks: [{ ...task({ kind: 'items' }), metering: 255, unitFuelMax: 100_000_000_000 }],
        grants: [granted({ kind: 'inline', bytes: fromHex('4161') })],
      },
    },
    {
      title: 'two tasks',
      input: {
        session: 3,
        tasks: [
          task({ kind: 'items' }),
          { ...task({ kind: 'range', from: 0, to: 9, chunk: 1 }), abi: 'reactor', args: [] },
        ],
        grants: [granted({ kind: 'inline', bytes: b(0) }), { ...granted(null, 64), task: 1 }],
      },
    },
  ],
  invalid: [
    ...uintFaults('session', [0]),
    ...listFaults('tasks', [1], 256, null),
    ...listFaults('grants', [2], 256, null),
    { title: 'a task of one element', at: [1, 0], to: [b(10)], field: 'tasks[0]' },
    ...bytesFaults('job', [1, 0, 0], 10).map(taskFault),
    ...bytesFaults('module', [1, 0, 1], 32).map(taskFault),
    ...rangeFaults('moduleBytes', [1, 0, 2], 1, 8_388_608).map(taskFault),
    ...rangeFaults('abi', [1, 0, 3], 0, 1).map(taskFault),
    ...rangeFaults('memoryPagesMax', [1, 0, 4], 1, 8_192).map(taskFault),
    ...rangeFaults('unitTimeoutMs', [1, 0, 5], 1, 600_000).map(taskFault),
    ...rangeFaults('metering', [1, 0, 6], 1, 255).map(taskFault),
    ...rangeFaults('unitFuelMax', [1, 0, 7], 1, 100_000_000_000).map(taskFault),
    { title: 'too many arguments', at: [1, 0, 8], to: new Array<string>(33).fill(''), field: 'tasks[0].args' },
    ...textFaults('args[1]', [1, 0, 8, 1], 1_024).map(taskFault),
    { title: 'an unknown cut', at: [1, 0, 9], to: [5], field: 'tasks[0].cut' },
    { title: 'a cut of no elements', at: [1, 0, 9], to: [], field: 'tasks[0].cut' },
    { title: 'a cut that starts with a text', at: [1, 0, 9], to: ['1', 64], field: 'tasks[0].cut' },
    { title: 'a cut with an element too many', at: [1, 0, 9], to: [1, 64, 0], field: 'tasks[0].cut' },
    ...rangeFaults('cut.bytes', [1, 0, 9, 1], 1, 67_108_864).map(taskFault),
    { title: 'no lines a unit', at: [1, 0, 9], to: [2, 0], field: 'tasks[0].cut.lines' },
    { title: 'no delimiter', at: [1, 0, 9], to: [3, b(0), 1], field: 'tasks[0].cut.delimiter' },
    { title: 'a delimiter too long', at: [1, 0, 9], to: [3, b(65), 1], field: 'tasks[0].cut.delimiter' },
    { title: 'no records a unit', at: [1, 0, 9], to: [3, b(1), 0], field: 'tasks[0].cut.records' },
    { title: 'an empty range', at: [1, 0, 9], to: [0, 5, 5, 1], field: 'tasks[0].cut.to', beyondCddl: true },
    { title: 'a range beyond 2^53', at: [1, 0, 9], to: [0, -MAX, MAX, 1], field: 'tasks[0].cut.to', beyondCddl: true },
    { title: 'a range with no step', at: [1, 0, 9], to: [0, 0, 5, 0], field: 'tasks[0].cut.chunk' },
    { title: 'a grant of one element', at: [2, 0], to: [1], field: 'grants[0]' },
    ...uintFaults('leaseId', [2, 0, 0]).map(grantFault),
    { title: 'a task that is not there', at: [2, 0, 1], to: 1, field: 'grants[0].task', beyondCddl: true },
    ...rangeFaults('firstUnit', [2, 0, 2], 0, 9_999_999).map(grantFault),
    ...rangeFaults('unitCount', [2, 0, 3], 1, 65_536).map(grantFault),
    { title: 'units past the last', at: [2, 0, 2], to: 9_999_999, field: 'grants[0].unitCount', beyondCddl: true },
    ...rangeFaults('leaseMs', [2, 0, 4], 1, MAX).map(grantFault),
    { title: 'no input for a cut that needs one', at: [2, 0, 5], to: null, field: 'grants[0].input', beyondCddl: true },
    {
      title: 'an input for a range',
      at: [1, 0, 9],
      to: [0, 0, 640, 10],
      field: 'grants[0].input',
      beyondCddl: true,
    },
    { title: 'an unknown kind of input', at: [2, 0, 5], to: [2], field: 'grants[0].input' },
    ...bytesFaults('input.blob', [2, 0, 5, 1], 32).map(grantFault),
    ...rangeFaults('input.offset', [2, 0, 5, 2], 0, 1_073_741_823).map(grantFault),
    { title: 'a part of no bytes', at: [2, 0, 5, 3], to: 0, field: 'grants[0].input.length' },
    {
      title: 'a part past the largest blob',
      at: [2, 0, 5, 3],
      to: 1_073_741_824 - 65_535,
      field: 'grants[0].input.length',
      beyondCddl: true,
    },
    ...bytesFaults('input.digest', [2, 0, 5, 4], 32).map(grantFault),
  ],
}

const ack: Cases = {
  name: 'ack',
  valid: [
    { title: 'one result', input: { session: 3, seqs: [7] } },
    { title: 'several, in any order', input: { session: 3, seqs: [9, 7, MAX] } },
  ],
  invalid: [...uintFaults('session', [0]), ...listFaults('seqs', [1], 256, 0), ...uintFaults('seqs[0]', [1, 0])],
}

const cancel: Cases = {
  name: 'cancel',
  valid: [{ title: 'two leases', input: { session: 3, leaseIds: [41, 105] } }],
  invalid: [
    ...uintFaults('session', [0]),
    ...listFaults('leaseIds', [1], 256, 0),
    ...uintFaults('leaseIds[1]', [1, 1]),
  ],
}

const notice: Cases = {
  name: 'notice',
  valid: [
    { title: 'caught', input: { session: 3, standing: 'caught', text: 'A result of this device lost a vote.' } },
    { title: 'reinstated', input: { session: 3, standing: 'joined', text: '' } },
  ],
  invalid: [
    ...uintFaults('session', [0]),
    { title: 'an unknown standing', at: [1], to: 8, field: 'standing' },
    ...textFaults('text', [2], 256),
  ],
}

/** Welcome, lease, ack, cancel and notice. */
export const DOWNLINK_CASES: readonly Cases[] = [welcome, lease, ack, cancel, notice]
