import { describe, expect, test } from 'vitest'
import {
  type DoneReply,
  type EndedReply,
  isFinalState,
  jobId,
  type ProgressReply,
  ProtocolError,
  parseProgressReply,
  parseRefusedReply,
  parseResultReply,
  parseStatusReply,
  type RefusedReply,
  type StatusReply,
  sha256Hex,
} from '../../../../protocol/index.ts'

const job = jobId('abcdefgh234567ab')
const status: StatusReply = {
  job,
  ref: 'mine',
  state: 'running',
  reason: '',
  units: 12,
  gigafuelPriceMicro: '100',
  budgetMicro: '1200',
}
const progress: ProgressReply = {
  job,
  units: 12,
  done: 5,
  verified: 3,
  ratePerSecond: 1.5,
  etaMs: null,
  fuel: '1000000000000000000',
  spentMicro: '300',
}
const done: DoneReply = {
  job,
  reason: '',
  fuel: '1000000000000000000',
  costMicro: '1200',
  failedUnits: 0,
  state: 'done',
  mediaType: 'application/json',
  bytes: 2,
  sha256: sha256Hex('ab'.repeat(32)),
  text: '{}',
  unitFuelLeast: 0,
  unitFuelGreatest: 100_000_000_000,
  bill: { url: 'http://region/blob/cd', sha256: sha256Hex('cd'.repeat(32)), bytes: 30 },
}
const ended: EndedReply = { job, reason: 'no budget', fuel: '17', costMicro: '0', failedUnits: 0, state: 'failed' }
const refused: RefusedReply = { ref: 'mine', error: { code: 'bad_job', message: 'No.', path: 'split.size' } }

const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('replies to submitters', () => {
  test.each([
    ['status', parseStatusReply, status],
    ['status without ref', parseStatusReply, (({ ref: _, ...rest }) => rest)(status)],
    ['progress', parseProgressReply, progress],
    ['progress with ETA', parseProgressReply, { ...progress, etaMs: 900 }],
    ['result', parseResultReply, done],
    ['result of before work was metered', parseResultReply, (({ bill: _, ...rest }) => rest)(done)],
    ['end without result', parseResultReply, ended],
    ['refusal', parseRefusedReply, refused],
    ['refusal about a job', parseRefusedReply, { ...refused, job: 'what-was-asked' }],
  ] as const)('%s survives JSON', (_, parse, reply) => {
    expect(parse(overTheWire(reply))).toEqual(reply)
  })

  test('fields of later versions are ignored', () => {
    expect(parseStatusReply({ ...status, mood: 'good' })).toEqual(status)
  })

  test.each([
    ['not an object', parseStatusReply, [], ''],
    ['no job', parseStatusReply, { ...status, job: undefined }, 'job'],
    ['a job id of another form', parseStatusReply, { ...status, job: 'ABC' }, 'job'],
    ['an unknown state', parseStatusReply, { ...status, state: 'asleep' }, 'state'],
    ['a reason that is no text', parseStatusReply, { ...status, reason: null }, 'reason'],
    ['a ref that is no text', parseStatusReply, { ...status, ref: 7 }, 'ref'],
    ['half a unit', parseStatusReply, { ...status, units: 0.5 }, 'units'],
    ['an amount as a number [PAY-1.6]', parseStatusReply, { ...status, gigafuelPriceMicro: 100 }, 'gigafuelPriceMicro'],
    ['an amount with leading zeros [PAY-1.6]', parseStatusReply, { ...status, budgetMicro: '007' }, 'budgetMicro'],
    ['a negative rate', parseProgressReply, { ...progress, ratePerSecond: -1 }, 'ratePerSecond'],
    ['an ETA that is no number', parseProgressReply, { ...progress, etaMs: 'soon' }, 'etaMs'],
    ['fuel as a number, which would not be exact', parseProgressReply, { ...progress, fuel: 5 }, 'fuel'],
    ['a result without fuel', parseResultReply, { ...done, fuel: undefined }, 'fuel'],
    [
      'a result without the fuel of its units',
      parseResultReply,
      { ...done, unitFuelGreatest: undefined },
      'unitFuelGreatest',
    ],
    ['a bill that is no object', parseResultReply, { ...done, bill: 'http://x/' }, 'bill'],
    ['a bill without address', parseResultReply, { ...done, bill: { ...done.bill, url: 1 } }, 'url'],
    ['a bill without digest', parseResultReply, { ...done, bill: { ...done.bill, sha256: 'AB' } }, 'sha256'],
    ['a bill of half a byte', parseResultReply, { ...done, bill: { ...done.bill, bytes: 0.5 } }, 'bytes'],
    ['a result of a running job', parseResultReply, { ...done, state: 'running' }, 'state'],
    ['a result without body', parseResultReply, { ...done, text: undefined }, ''],
    ['a result with two bodies', parseResultReply, { ...done, url: 'http://x/' }, ''],
    ['a wrong digest', parseResultReply, { ...done, sha256: 'AB' }, 'sha256'],
    ['a refusal without error', parseRefusedReply, { ref: 'mine' }, 'error'],
    ['a refusal without path', parseRefusedReply, { error: { code: 'x', message: 'y' } }, 'path'],
  ] as const)('refuses %s', (_, parse, value, field) => {
    let thrown: unknown
    try {
      parse(value)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(ProtocolError)
    expect((thrown as ProtocolError).info).toMatchObject({ code: 'bad_message', field })
  })

  test('only done, failed and cancelled are final', () => {
    const states = ['running', 'aggregating', 'done', 'failed', 'cancelled'] as const
    expect(states.filter(isFinalState)).toEqual(['done', 'failed', 'cancelled'])
  })
})
