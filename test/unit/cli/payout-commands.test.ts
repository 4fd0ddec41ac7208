import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EXIT } from '../../../cli/exit-codes.ts'
import { run } from '../../../cli/run.ts'
import type {
  BoundAddress,
  PayoutDetail,
  PayoutEpoch,
  PayoutOverview,
  PayoutTerms,
} from '../../../coordinator/http/payout-api.ts'
import { tempDirs } from '../../support/temp-dir.ts'
import { DEVICE_ID, type FakeAdmin, startFakeAdmin } from './fake-admin.ts'
import { fakeIo } from './fake-io.ts'

const tempDir = tempDirs()
const DAY = 86_400_000
const ADDRESS = `0x${'ab'.repeat(20)}`

const epochOf = (changes: Partial<PayoutEpoch> = {}): PayoutEpoch => ({
  epoch: 20_777,
  fromMs: 20_777 * DAY,
  toMs: 20_778 * DAY,
  method: 'csv',
  state: 'closed',
  closedAtMs: 20_778 * DAY,
  root: 'ab'.repeat(32),
  payees: 2,
  epochMicro: '10000000',
  totalMicro: '25000000',
  signers: [],
  ...changes,
})
const detail: PayoutDetail = {
  ...epochOf(),
  payments: [
    {
      payee: 'ann',
      devices: 3,
      amountMicro: '6000000',
      feeMicro: '250000',
      netMicro: '5750000',
      cumulativeMicro: '9000000',
      pending: true,
    },
    {
      payee: 'ben',
      devices: 1,
      amountMicro: '4000000',
      feeMicro: '250000',
      netMicro: '3750000',
      cumulativeMicro: '4000000',
      pending: false,
    },
  ],
}
const terms: PayoutTerms = {
  method: 'csv',
  minimumMicro: '1000000',
  feeMicro: '250000',
  epochMs: DAY,
  nextMs: 20_779 * DAY,
  chain: null,
}
const chain = {
  chainId: 1,
  contract: ADDRESS,
  signers: [ADDRESS, ADDRESS],
  threshold: 2,
  signer: ADDRESS,
  baseUnits: '1',
  micro: '1',
}

let admin: FakeAdmin
let cwd: string

beforeEach(async () => {
  admin = await startFakeAdmin()
  cwd = tempDir()
  admin.admitTo(join(cwd, '.hedgerow'))
})

afterEach(() => admin.close())

async function hedgerow(line: string, answers: FakeAdmin['answers'] = {}) {
  admin.answers = answers
  const io = fakeIo({ cwd })
  return { code: await run(line.split(' '), io), out: io.stdout.text(), err: io.stderr.text() }
}

test('lists epochs and says how the region pays out', async () => {
  const list = (overview: PayoutOverview) => hedgerow('payout list', { 'GET /api/payouts': overview })
  const epochs = [epochOf(), epochOf({ epoch: 20_776, state: 'paid' }), epochOf({ epoch: 20_775, state: 'void' })]
  const { code, out, err } = await list({ terms, epochs })
  expect(code).toBe(EXIT.ok)
  expect(out).toMatch(/20777 {2}2026-11-21 00:00:00 UTC {2}csv {5}to be confirmed +2 +10 cr +25 cr/)
  expect(out).toMatch(/20776 .* paid .*\n20775 .* void /)
  expect(err).toContain(
    'paid out by file, from 1 cr on, less 0.25 cr for the transfer; the next epoch ends at 2026-11-22',
  )
  const signed = [epochOf({ method: 'chain', signers: [ADDRESS] }), epochOf({ method: 'chain', state: 'paid' })]
  const onChain = await list({ terms: { ...terms, method: 'chain', feeMicro: '0', chain }, epochs: signed })
  expect(onChain.out).toMatch(/ 1 signed .*\n.* posted /)
  expect(onChain.err).toContain(`claimed from ${ADDRESS} on chain 1, from 1 cr on, by 2 of 2 signatures`)
  expect((await list({ terms: { ...terms, method: 'points' }, epochs: [] })).err).toContain('Credits are points here')
})

test('shows what an epoch pays whom, with the sums', async () => {
  const answers = { 'GET /api/payouts/20777': detail }
  const { code, out, err } = await hedgerow('payout export 20777', answers)
  expect(code).toBe(EXIT.ok)
  expect(out).toMatch(/^ann +3 +6 cr +0.25 cr +5.75 cr +pending$/m)
  expect(out).toMatch(/^ben +1 +4 cr +0.25 cr +3.75 cr$/m)
  expect(out).toMatch(/^total of 2 payees +4 +10 cr +0.5 cr +9.5 cr$/m)
  expect(err).toContain('to be confirmed')
  const json = await hedgerow('payout export 20777 --json', answers)
  expect(JSON.parse(json.out)).toEqual(detail)
})

test('prints or writes the file as it comes, without sums', async () => {
  const file = 'payee,devices,gross,fee,net,epoch\r\nann,3,6,0.25,5.75,20777\r\n'
  const answers = { 'GET /api/payouts/20777/file': Buffer.from(file) }
  expect((await hedgerow('payout export 20777 --csv', answers)).out).toBe(file)
  const written = await hedgerow('payout export 20777 --out pay.csv', answers)
  expect(written.out).toContain('pay.csv')
  expect(readFileSync(join(cwd, 'pay.csv'), 'utf8')).toBe(file)
  expect((await hedgerow('payout export 20777 --csv --json', answers)).code).toBe(EXIT.usage)
})

test('confirms and voids', async () => {
  const answers = {
    'POST /api/payouts/20777/confirm': epochOf({ state: 'paid' }),
    'POST /api/payouts/20777/void': epochOf(),
    'POST /api/payouts/20776/void': epochOf({ epoch: 20_776, state: 'void' }),
    'POST /api/payouts/20775/confirm': epochOf({ epoch: 20_775, method: 'chain', state: 'paid' }),
  }
  expect((await hedgerow('payout confirm 20777', answers)).out).toContain('Epoch 20777 is paid: 10 cr to 2 payees.')
  expect((await hedgerow('payout confirm 20775', answers)).out).toContain('Epoch 20775 is posted')
  const one = await hedgerow('payout void 20777 --payee ann', answers)
  expect(one.out).toContain("to ann is void. 'hedgerow payout confirm' confirms the rest.")
  expect((await hedgerow('payout void 20776', answers)).out.trim()).toBe('The payment of epoch 20776 is void.')
  expect(admin.calls.map(({ body }) => body)).toEqual(['{}', '{}', '{"payee":"ann"}', '{}'])
  const refused = { status: 409, json: { error: { code: 'conflict', message: 'Epoch 1 is confirmed already.' } } }
  const again = await hedgerow('payout confirm 1', { 'POST /api/payouts/1/confirm': refused })
  expect([again.code, again.err]).toEqual([EXIT.failure, expect.stringContaining('Epoch 1 is confirmed already.')])
})

test('adds the signature of another coordinator', async () => {
  const signature = `0x${'12'.repeat(65)}`
  const answer = (changes: Partial<PayoutEpoch>) => ({
    'POST /api/payouts/20777/signatures': epochOf({ method: 'chain', signers: [ADDRESS, ADDRESS], ...changes }),
  })
  const enough = await hedgerow(`payout sign 20777 --signature ${signature}`, answer({ state: 'signed' }))
  expect(enough.out).toContain('2 signatures; that is enough')
  expect(admin.calls.map(({ body }) => JSON.parse(body))).toEqual([{ signature }])
  const more = await hedgerow(`payout sign 20777 --signature ${signature}`, answer({ signers: [ADDRESS] }))
  expect(more.out).toContain('1 signature; more are needed')
})

test('writes claims', async () => {
  const claims = { epoch: 20_777, root: '0x12', postRoot: null, claims: { [ADDRESS]: { cumulative: '5', proof: [] } } }
  const answers = { 'GET /api/payouts/20777/claims': claims }
  const printed = await hedgerow('payout claims 20777', answers)
  expect(JSON.parse(printed.out)).toEqual(claims)
  expect(printed.err).toContain('Too few coordinators have signed')
  const written = await hedgerow('payout claims 20777 --out claims.json', answers)
  expect(written.out).toContain('claims.json: 1 payee under 0x12')
  expect(JSON.parse(readFileSync(join(cwd, 'claims.json'), 'utf8'))).toEqual(claims)
})

test('lists addresses', async () => {
  const bound: BoundAddress = {
    device: DEVICE_ID,
    label: 'shed',
    owner: 'ann',
    address: ADDRESS,
    boundAtMs: 0,
    effectiveAtMs: DAY,
    waits: true,
  }
  const { out } = await hedgerow('payout addresses', { 'GET /api/bindings': [bound, { ...bound, waits: false }] })
  expect(out).toMatch(new RegExp(`${ADDRESS} {2}1970-01-02 00:00:00 UTC {2}waits\n.*counts`))
  expect((await hedgerow('payout addresses', { 'GET /api/bindings': [] })).err).toContain('payout-address')
})

test('makes a key once and shows its address', async () => {
  const made = await hedgerow('payout key')
  expect(made.out).toMatch(/^0x[0-9a-fA-F]{40}\n$/)
  expect(statSync(join(cwd, '.hedgerow', 'coordinator', 'payout.key')).mode & 0o777).toBe(0o600)
  expect((await hedgerow('payout key')).out).toBe(made.out)
})

test.each(['list x', 'export', 'export x', 'confirm', 'confirm -1', 'void 1.5', 'claims', 'sign'])(
  'payout %s is wrong',
  async line => {
    expect((await hedgerow(`payout ${line}`)).code).toBe(EXIT.usage)
  },
)
