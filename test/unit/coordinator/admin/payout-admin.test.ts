import { describe, expect, test } from 'vitest'
import { createPayoutAdmin } from '../../../../coordinator/admin/payout-admin.ts'
import { ApiError } from '../../../../coordinator/http/admin-api.ts'
import { type CoordinatorApi, runRoute, StreamReply } from '../../../../coordinator/http/api-route.ts'
import { PAYOUT_ROUTES } from '../../../../coordinator/http/payout-table.ts'
import { epochTree, rootDigest, signDigest } from '../../../../coordinator/payout/chain/index.ts'
import { bindAddress, paidThrough } from '../../../../coordinator/payout/index.ts'
import { concatBytes, fromUtf8, toHex } from '../../../../protocol/index.ts'
import {
  addressBytesOf,
  addressOf,
  CHAIN,
  keyOf,
  OTHER,
  OWN,
  PayoutWorld,
  sha256Of,
} from '../../../support/payout-world.ts'

const CREDIT = 1_000_000n

function regionOf(world: PayoutWorld) {
  return {
    fleet: world.fleet,
    step: <Result>(work: Parameters<typeof world.step<Result>>[0]) => world.step(work),
    committed: async () => {},
  }
}

/** Calls a route as the router does. */
function call(world: PayoutWorld, method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
  const { payouts, store, policy } = world
  const api = createPayoutAdmin({ region: regionOf(world), store, payouts, policy }) as unknown as CoordinatorApi
  const segments = path.split('/')
  const route = PAYOUT_ROUTES.find(
    known =>
      known.method === method &&
      known.path.split('/').length === segments.length &&
      known.path.split('/').every((part, i) => part.startsWith(':') || part === segments[i]),
  )
  if (!route) throw new Error(`There is no ${method} ${path}.`)
  expect(route.roles).toEqual(['operator'])
  const subject = segments[route.path.split('/').findIndex(part => part.startsWith(':'))] ?? ''
  return runRoute(route, { api, principal: { role: 'operator' }, subject, query: new URLSearchParams(), body })
}

const codeOf = async (work: () => Promise<unknown>): Promise<string> => {
  try {
    await work()
    return 'none'
  } catch (error) {
    return error instanceof ApiError ? error.code : String(error)
  }
}

function csvWorld() {
  const world = new PayoutWorld({ method: 'csv', feeMicro: CREDIT / 4n })
  const [ann, ben] = [world.device('ann'), world.device('ben')]
  world.earn(ann, 6n * CREDIT)
  world.earn(ben, 4n * CREDIT)
  return { world, ann, ben, epoch: world.passEpoch() }
}

function chainWorld() {
  const world = new PayoutWorld({ method: 'chain', chain: CHAIN }, { bindingDelayMs: 1_000 })
  const device = world.device('ann')
  world.bind(device, 'ann')
  world.pass(1_000)
  world.earn(device, 6n * CREDIT)
  return { world, device, epoch: world.passEpoch() }
}

describe('files for a bank', () => {
  test('are listed and shown with what every payee gets', async () => {
    const { world, epoch } = csvWorld()
    const { epochMs } = world.policy
    const summary = {
      epoch,
      fromMs: epoch * epochMs,
      toMs: (epoch + 1) * epochMs,
      method: 'csv',
      state: 'closed',
      payees: 2,
      epochMicro: `${10n * CREDIT}`,
      totalMicro: `${10n * CREDIT}`,
      signers: [],
    }
    const terms = { method: 'csv', minimumMicro: '1000000', feeMicro: '250000', epochMs, nextMs: (epoch + 2) * epochMs }
    expect(await call(world, 'GET', '/api/payouts')).toMatchObject({
      terms: { ...terms, chain: null },
      epochs: [summary],
    })
    expect(await call(world, 'GET', `/api/payouts/${epoch}`)).toMatchObject({
      ...summary,
      payments: [
        {
          payee: 'ann',
          devices: 1,
          amountMicro: '6000000',
          feeMicro: '250000',
          netMicro: '5750000',
          cumulativeMicro: '6000000',
          pending: true,
        },
        { payee: 'ben', pending: true },
      ],
    })
  })

  test('are given out as the bytes whose SHA-256 is in the log [PAY-6.5]', async () => {
    const { world, epoch } = csvWorld()
    const reply = await call(world, 'GET', `/api/payouts/${epoch}/file`)
    if (!(reply instanceof StreamReply)) throw new Error('it is a file')
    const file = fromUtf8(concatBytes(...reply.chunks))
    expect(reply.mediaType).toBe('text/csv; charset=utf-8')
    expect(file).toContain(`ann,1,6,0.25,5.75,${epoch}\r\n`)
    const [entry] = world.entries('payout')
    expect(sha256Of(file)).toBe(toHex(entry?.root ?? new Uint8Array()))
  })

  test('are confirmed or voided once', async () => {
    const { world, epoch, ben } = csvWorld()
    const at = `/api/payouts/${epoch}`
    expect(await codeOf(() => call(world, 'POST', `${at}/void`, { payee: 'cem' }))).toBe('not_found')
    expect(await call(world, 'POST', `${at}/void`, { payee: 'ben' })).toMatchObject({ state: 'closed' })
    expect(world.availableMicro(ben)).toBe(4n * CREDIT)
    expect(await call(world, 'POST', `${at}/confirm`)).toMatchObject({ state: 'paid' })
    expect(world.paidMicro('ann')).toBe(6n * CREDIT)
    expect(await codeOf(() => call(world, 'POST', `${at}/confirm`))).toBe('conflict')
    expect(await codeOf(() => call(world, 'POST', `${at}/void`, {}))).toBe('conflict')
    expect(await codeOf(() => call(world, 'POST', `${at}/confirm`, { force: true }))).toBe('bad_request')
  })

  test('are not claimed or signed on a chain', async () => {
    const { world, epoch } = csvWorld()
    expect(await codeOf(() => call(world, 'GET', `/api/payouts/${epoch}/claims`))).toBe('conflict')
    expect(await codeOf(() => call(world, 'POST', `/api/payouts/${epoch}/signatures`, { signature: '0x12' }))).toBe(
      'conflict',
    )
  })

  test('of no epoch are not there, and an epoch is a number', async () => {
    const { world } = csvWorld()
    expect(await codeOf(() => call(world, 'GET', '/api/payouts/1'))).toBe('not_found')
    expect(await codeOf(() => call(world, 'POST', '/api/payouts/1/confirm'))).toBe('not_found')
    for (const text of ['x', '-1', '01', '1.5', '9999999999999999']) {
      expect(await codeOf(async () => call(world, 'GET', `/api/payouts/${text}`))).toBe('bad_request')
    }
  })
})

describe('claims on a chain', () => {
  test('are given out, with the root to be posted once enough have signed [PAY-8.3]', async () => {
    const { world, epoch } = chainWorld()
    const at = `/api/payouts/${epoch}`
    expect(await call(world, 'GET', `${at}/claims`)).toMatchObject({ epoch, total: `${6n * CREDIT}`, postRoot: null })
    const chain = world.config.chain
    if (chain === null) throw new Error('it is a chain')
    const { message } = epochTree(chain, epoch, paidThrough(world.store, world.payouts.allEpochs(), epoch))
    const sign = (name: string) => `0x${toHex(signDigest(rootDigest(chain, message), keyOf(name)))}`
    const post = (signature: string) => call(world, 'POST', `${at}/signatures`, { signature })
    expect(await codeOf(() => post(sign('stranger')))).toBe('bad_request')
    expect(await codeOf(() => post('0x12'))).toBe('bad_request')
    expect(await post(sign(OWN))).toMatchObject({ state: 'closed', signers: [addressOf(OWN)] })
    expect(await post(sign(OTHER))).toMatchObject({
      state: 'signed',
      signers: [addressOf(OWN), addressOf(OTHER)].sort(),
    })
    expect(await call(world, 'GET', `${at}/claims`)).toMatchObject({ postRoot: expect.stringMatching(/^0xfd3723e4/) })
    expect(await call(world, 'POST', `${at}/confirm`)).toMatchObject({ state: 'paid' })
    expect(await codeOf(async () => call(world, 'GET', `${at}/file`))).toBe('conflict')
  })

  test('cannot be voided', async () => {
    const { world, epoch } = chainWorld()
    expect(await codeOf(() => call(world, 'POST', `/api/payouts/${epoch}/void`))).toBe('conflict')
  })

  test('are made from rows that give the root in the log, or not at all', async () => {
    const { world, epoch } = chainWorld()
    const row = world.payouts.epoch(epoch)
    if (row) row.root = new Uint8Array(32)
    expect(await codeOf(() => call(world, 'GET', `/api/payouts/${epoch}/claims`))).toBe('internal')
  })
})

describe('addresses', () => {
  test('that count and that wait are listed', async () => {
    const { world, device } = chainWorld()
    world.pass(60_000)
    world.bind(device, 'thief')
    const where = { device, owner: 'ann', label: '' }
    expect(await call(world, 'GET', '/api/bindings')).toMatchObject([
      { ...where, address: addressOf('ann'), waits: false },
      { ...where, address: addressOf('thief'), waits: true, effectiveAtMs: world.now.wallMs + 1_000 },
    ])
  })

  test('come by a statement of the device, and the answer says from when on they count [PAY-7.1]', () => {
    const { world, device } = chainWorld()
    const bind = (address: Uint8Array) =>
      bindAddress(
        { region: regionOf(world), payouts: world.payouts },
        world.member(device),
        { seq: 9, address },
        new Uint8Array(3),
      )
    expect(bind(addressBytesOf('ann')).text).toContain('already')
    world.pass(60_000)
    const from = new Date(world.now.wallMs + 1_000).toISOString()
    expect(bind(addressBytesOf('wallet')).text).toContain(`${addressOf('wallet')} from ${from}`)
    expect(() => bind(addressBytesOf('another'))).toThrow(ApiError)
    expect(() => bind(new Uint8Array(20))).toThrow('name your own')
  })
})
