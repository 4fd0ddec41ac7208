/** Who may call what: every route of the table, asked by everybody over HTTP. */
import { describe, expect, test } from 'vitest'
import { ApiError } from '../../../../coordinator/http/admin-api.ts'
import { API_ROUTES } from '../../../../coordinator/http/api-table.ts'
import type { Role } from '../../../../coordinator/http/session-api.ts'
import { bearer, httpHarness, REGION, TOKENS } from '../../../support/coordinator-http.ts'
import { ask } from '../../../support/http-client.ts'
import { DEVICES, JOBS } from '../../../support/rows.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const start = httpHarness()
const [device, otherDevice] = DEVICES
const HEADERS: Readonly<Record<Role, Record<string, string>>> = {
  public: {},
  owner: bearer(TOKENS.greta),
  submitter: bearer(TOKENS.ada),
  operator: bearer(TOKENS.admin),
}
const ROLES = Object.keys(HEADERS) as Role[]

describe('the table of routes', () => {
  test('says of each what it does, in a sentence, and lets the operator call it', () => {
    for (const { method, path, summary, roles } of API_ROUTES) {
      expect(summary, path).toMatch(/^[A-Z].{10,}\.$/)
      expect(roles, path).toContain('operator')
      expect(new Set(roles).size).toBe(roles.length)
      expect(path).toMatch(/^\/api\/[a-z]/)
      expect(['GET', 'POST']).toContain(method)
    }
    const names = API_ROUTES.map(({ method, path }) => `${method} ${path}`)
    expect(new Set(names).size).toBe(names.length)
  })

  test('lets nobody change anything without a token, and shares only what is the same for everybody', () => {
    for (const { method, roles, sharedMs } of API_ROUTES) {
      if (roles.includes('public')) expect(method).toBe('GET')
      if (sharedMs !== undefined) expect(roles).toContain('public')
    }
  })

  test('is kept: whoever is not named is refused before anything is asked', async () => {
    const { port, calls } = await start()
    let refused = 0
    for (const { method, path, roles } of API_ROUTES) {
      const target = path.replace(/:\w+/, 'x')
      for (const role of ROLES.filter(known => !roles.includes(known))) {
        const answer = await ask(port, { method, path: target, headers: HEADERS[role] })
        const code = role === 'public' ? [401, 'no_token'] : [403, 'not_allowed']
        expect([answer.status, (answer.json() as { error: { code: string } }).error.code], `${role} ${path}`).toEqual(
          code,
        )
        refused++
      }
    }
    expect(calls).toEqual([])
    expect(refused).toBeGreaterThan(100)
  })
})

describe('an owner', () => {
  const headers = HEADERS.owner
  const mine = { id: device, owner: 'greta' }
  const theirs = { id: otherDevice, owner: 'hans' }

  test('sees and drains its own devices, and cannot tell others from none', async () => {
    const { port, calls } = await start({
      api: {
        device: async id => {
          const found = [mine, theirs].find(known => known.id === id)
          if (!found) throw new ApiError('not_found', `There is no device ${id} in this region.`)
          return found as never
        },
      },
    })
    const drain = { method: 'POST', headers, body: '{"reason":"I need it"}' }
    expect((await ask(port, { path: '/api/devices', headers })).status).toBe(200)
    expect((await ask(port, { path: '/api/devices?owner=hans', headers })).status).toBe(200)
    expect((await ask(port, { path: `/api/devices/${device}`, headers })).json()).toEqual(mine)
    expect((await ask(port, { path: `/api/devices/${device}/explain`, headers })).status).toBe(200)
    expect((await ask(port, { ...drain, path: `/api/devices/${device}/drain` })).status).toBe(200)
    expect((await ask(port, { method: 'POST', path: `/api/devices/${device}/undrain`, headers })).status).toBe(200)
    expect(calls).toEqual([
      ['deviceList', { owner: 'greta' }],
      ['deviceList', { owner: 'greta' }],
      ['deviceExplain', device],
      ['deviceDrain', device, 'I need it', 'greta'],
      ['deviceUndrain', device, 'greta'],
    ])
    calls.length = 0
    const undrain = { method: 'POST', headers }
    const asks = [
      ['', { headers }],
      ['/explain', { headers }],
      ['/drain', drain],
      ['/undrain', undrain],
    ] as const
    for (const [path, what] of asks) {
      const asked = (id: string) => ask(port, { ...what, path: `/api/devices/${id}${path}` })
      const [other, none] = [await asked(otherDevice), await asked(DEVICES[2])]
      expect([other.status, none.status]).toEqual([404, 404])
      expect(other.body.toString().replace(otherDevice, '')).toBe(none.body.toString().replace(DEVICES[2], ''))
    }
    expect(calls).toEqual([])
  })

  test('invites devices for itself alone', async () => {
    const { port, calls } = await start()
    const claim = (body: object) =>
      ask(port, { method: 'POST', path: '/api/claims', headers, body: JSON.stringify(body) })
    expect((await claim({})).status).toBe(201)
    expect((await claim({ owner: 'greta', lifetimeMs: 5 })).status).toBe(201)
    expect((await claim({ owner: 'hans' })).status).toBe(403)
    const day = 86_400_000
    expect(calls).toEqual([
      ['claimNew', { owner: 'greta', lifetimeMs: day, by: 'greta' }],
      ['claimNew', { owner: 'greta', lifetimeMs: 5, by: 'greta' }],
    ])
  })

  test('sees its own sensors, and the accounts of its devices', async () => {
    const sensors = [
      { id: 'ab', device },
      { id: 'cd', device: otherDevice },
    ]
    const account = (id: string) => ({ id, debitsMicro: '0', creditsMicro: '5', balanceMicro: '5' })
    const ids = [`available:${device}`, `holdback:${otherDevice}`, 'treasury', 'submitter:ada']
    const { port, calls } = await start({
      api: {
        deviceList: async () => [mine] as never,
        sensorList: async () => sensors as never,
        ledgerBalance: async () => ({ accounts: ids.map(account), transfers: 3 }),
      },
    })
    const get = async (path: string) => ask(port, { path, headers })
    expect((await get('/api/sensors')).json()).toEqual([sensors[0]])
    expect((await get('/api/ledger')).json()).toEqual({ accounts: [account(`available:${device}`)], transfers: 3 })
    expect((await get('/api/ledger?account=treasury')).status).toBe(403)
    expect([(await get('/api/sensors/cd/readings')).status, calls]).toEqual([404, []])
    expect([(await get('/api/sensors/ab/readings')).status, calls.length]).toEqual([200, 1])
  })
})

describe('a submitter', () => {
  test('sees its own account', async () => {
    const account = (id: string) => ({ id, debitsMicro: '0', creditsMicro: '5', balanceMicro: '5' })
    const accounts = ['submitter:ada', 'submitter:bob', 'treasury'].map(account)
    const { port } = await start({ api: { ledgerBalance: async () => ({ accounts, transfers: 1 }) } })
    const answer = await ask(port, { path: '/api/ledger', headers: HEADERS.submitter })
    expect(answer.json()).toEqual({ accounts: [account('submitter:ada')], transfers: 1 })
  })
})

describe('a session', () => {
  test.each<[Role, string | null]>([
    ['public', null],
    ['owner', 'greta'],
    ['submitter', 'ada'],
    ['operator', null],
  ])('of the %s says so', async (role, name) => {
    const { port } = await start()
    const answer = await ask(port, { path: '/api/session', headers: HEADERS[role] })
    expect(answer.json()).toEqual({ role, name, region: 'hagley', openData: false, tokenExpires: null })
  })

  test('with a wrong token is none', async () => {
    const { port } = await start()
    expect((await ask(port, { path: '/api/session', headers: bearer('nobody') })).status).toBe(401)
  })
})

describe('the public', () => {
  const paths = ['/api/public/cells', `/api/public/history?campaign=${JOBS[0]}&cell=881f8d4887fffff`]

  test.each(paths)('sees %s where data is open, and the operator in any case', async path => {
    const closed = await start()
    const refused = await ask(closed.port, { path })
    expect([refused.status, refused.json()]).toMatchObject([
      403,
      { error: { code: 'not_allowed', message: expect.stringContaining('--open-data') } },
    ])
    expect((await ask(closed.port, { path, headers: HEADERS.submitter })).status).toBe(403)
    expect((await ask(closed.port, { path, headers: HEADERS.operator })).status).toBe(200)
    const open = await start({ api: { region: async () => ({ ...REGION, openData: true }) } })
    expect((await ask(open.port, { path })).status).toBe(200)
  })

  test('sees totals always, and must name a campaign and a cell for a history', async () => {
    const { port } = await start({ api: { region: async () => ({ ...REGION, openData: true }) } })
    expect((await ask(port, { path: '/api/public/totals' })).json()).toMatchObject({ jobsFinished: 2 })
    expect((await ask(port, { path: '/api/public/history?campaign=x' })).status).toBe(400)
  })

  test('shares one answer for a second; whoever has a token gets a new one', async () => {
    const clock = new VirtualClock()
    const { port, calls } = await start({ clock })
    for (let i = 0; i < 5; i++) await ask(port, { path: '/api/prices' })
    expect(calls).toHaveLength(1)
    await clock.advance(1_000)
    await ask(port, { path: '/api/prices' })
    expect(calls).toHaveLength(2)
    for (let i = 0; i < 3; i++) await ask(port, { path: '/api/prices', headers: HEADERS.operator })
    expect(calls).toHaveLength(5)
  })
})
