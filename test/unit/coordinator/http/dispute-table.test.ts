import { describe, expect, it } from 'vitest'
import { ApiError } from '../../../../coordinator/http/admin-api.ts'
import { type CoordinatorApi, runRoute } from '../../../../coordinator/http/api-route.ts'
import type { Principal } from '../../../../coordinator/http/auth.ts'
import { DISPUTE_ROUTES } from '../../../../coordinator/http/dispute-table.ts'
import { submitterName } from '../../../../protocol/index.ts'

const ada: Principal = { role: 'submitter', name: submitterName('ada') }
const admin: Principal = { role: 'operator' }

/** Calls a route as somebody. @returns what the administration was asked */
async function call(method: string, path: string, principal: Principal, rest: { body?: unknown; query?: string } = {}) {
  const calls: unknown[][] = []
  const note =
    (name: string, reply: unknown) =>
    async (...given: unknown[]) => {
      calls.push([name, ...given])
      return reply
    }
  const dispute = { id: 'd1', submitter: 'ada' }
  const api = {
    disputeOpen: note('disputeOpen', dispute),
    disputeList: note('disputeList', [dispute]),
    dispute: async (id: string) => {
      if (id === 'd1') return dispute
      throw new ApiError('not_found', 'none')
    },
    disputeExplain: note('disputeExplain', {}),
  } as unknown as CoordinatorApi
  const route = DISPUTE_ROUTES.find(known => known.method === method && known.path === path.replace(/d\d/, ':id'))
  if (!route) throw new Error(`there is no route ${method} ${path}`)
  const subject = /d\d/.exec(path)?.[0] ?? ''
  await runRoute(route, { api, principal, subject, query: new URLSearchParams(rest.query), body: rest.body })
  return calls
}

describe('the routes of disputes', () => {
  it('read what is disputed', async () => {
    const open = (body: unknown, principal: Principal = ada, query = '') =>
      call('POST', '/api/disputes', principal, { body, query })
    expect(await open({ lease: 4, reason: 'wrong' })).toEqual([['disputeOpen', 'ada', { lease: 4 }, 'wrong']])
    expect(await open({ job: 'j', unit: 0, reason: '' })).toEqual([['disputeOpen', 'ada', { job: 'j', unit: 0 }, '']])
    expect(await open({ campaign: 'c', window: 5, sensor: 's', reason: '' }, admin, 'submitter=bob')).toEqual([
      ['disputeOpen', 'bob', { campaign: 'c', window: 5, sensor: 's' }, ''],
    ])
    expect(await open({ lease: 4, reason: '' }, admin)).toEqual([['disputeOpen', null, { lease: 4 }, '']])
    await expect(open({ lease: 4, reason: '' }, ada, 'submitter=bob')).rejects.toThrow('cannot act for another')
    for (const body of [{ reason: '' }, { lease: 0, reason: '' }, { lease: 4 }, { job: 'j', unit: -1, reason: '' }]) {
      await expect(open(body)).rejects.toThrow(ApiError)
    }
    await expect(open({ lease: 4, reason: 'x'.repeat(257) })).rejects.toThrow('at most 256 characters')
    await expect(open({ lease: 4, reason: '', hint: 1 })).rejects.toThrow("There is no field 'hint' here")
  })

  it('show a submitter its own and nobody else', async () => {
    expect(await call('GET', '/api/disputes', ada)).toEqual([['disputeList', { submitter: 'ada' }]])
    expect(await call('GET', '/api/disputes', admin)).toEqual([['disputeList', {}]])
    expect(await call('GET', '/api/disputes/d1/explain', ada)).toEqual([['disputeExplain', 'd1']])
    const bob: Principal = { role: 'submitter', name: submitterName('bob') }
    await expect(call('GET', '/api/disputes/d1', bob)).rejects.toThrow('bob has no dispute d1')
    await expect(call('GET', '/api/disputes/d2', bob)).rejects.toThrow('bob has no dispute d2')
    const anybody: Principal = { role: 'public' }
    await expect(call('GET', '/api/disputes', anybody)).rejects.toThrow('use the token of one')
    expect(DISPUTE_ROUTES.every(({ roles }) => roles.join() === 'submitter,operator')).toBe(true)
  })
})
