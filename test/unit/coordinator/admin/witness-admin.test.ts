import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createWitnessAdmin } from '../../../../coordinator/admin/witness-admin.ts'
import { type ApiCall, runRoute } from '../../../../coordinator/http/api-route.ts'
import { WITNESS_ROUTES } from '../../../../coordinator/http/witness-table.ts'
import { nodeVerifier } from '../../../../protocol/node/index.ts'
import { atEnd } from '../../../support/at-end.ts'
import { eventually } from '../../../support/eventually.ts'
import { SettledRegion } from '../../../support/settled-region.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const newDir = tempDirs()
const later = atEnd()

async function start(stateDir = newDir()) {
  const region = await SettledRegion.start(stateDir)
  later(() => region.stop())
  const admin = createWitnessAdmin({ region: region.shell, settlement: region.settlement, verifier: nodeVerifier() })
  return { region, admin, card: region.settlement.card() }
}

/** A server that answers everything with this. */
async function answering(status: number, body: string): Promise<string> {
  const server = createServer((_, res) => res.writeHead(status).end(body))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  later(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('adds a region by its address, keeps it, and removes it', async () => {
  const { region, admin } = await start()
  const hill = await start()
  const witness = {
    origin: hill.card.origin,
    url: hill.region.httpUrl,
    logKey: hill.card.logKey,
    witnessKey: hill.card.witnessKey,
    cosignedByUs: 0,
    cosignedByThem: null,
    problem: '',
    conflict: null,
  }
  expect(await admin.witnessAdd({ url: `${hill.region.httpUrl}/` })).toMatchObject(witness)
  expect(await admin.witnessList()).toMatchObject([witness])
  expect(region.store.peers()).toMatchObject([{ origin: witness.origin, url: witness.url }])
  // The hill does not watch this log yet, and says so.
  await region.say(1)
  region.tick()
  await eventually('asked', async () => (await admin.witnessList())[0]?.problem !== '')
  expect((await admin.witnessList())[0]?.problem).toContain('its operator has to add this region')
  // When it does, it is asked again at once by being added again.
  await hill.admin.witnessAdd({ url: region.httpUrl })
  await admin.witnessAdd({ url: hill.region.httpUrl })
  await eventually('cosigned', async () => (await admin.witnessList())[0]?.cosignedByThem?.size === 1)
  expect(await hill.admin.witnessList()).toMatchObject([{ origin: region.settlement.card().origin, cosignedByUs: 1 }])

  expect(await admin.witnessRemove(witness.origin)).toMatchObject({ origin: witness.origin })
  expect([await admin.witnessList(), region.store.peers()]).toEqual([[], []])
  await expect(admin.witnessRemove(witness.origin)).rejects.toThrow('`hedgerow witness list` shows them')
})

test('refuses what is no region, and itself', async () => {
  const { region, admin } = await start()
  const hill = await start()
  const dale = await start()
  const swapped = { ...hill.card, witnessKey: dale.card.witnessKey }
  for (const [url, sentence] of [
    ['hagley', "'hagley' is not the address of a region"],
    ['ftp://hagley.example', 'is not the address of a region'],
    ['http://user@hagley.example', 'is not the address of a region'],
    ['http://127.0.0.1:1', 'cannot be reached'],
    [await answering(200, '<html>'), 'There is no region to be added at'],
    [await answering(404, '{}'), 'No region shows its card at'],
    [await answering(200, '{}'), 'There is no region to be added at'],
    [await answering(200, JSON.stringify(swapped)), 'its witness key is of another region'],
    [region.httpUrl, 'A region is no witness of its own log'],
  ] as const) {
    await expect(admin.witnessAdd({ url })).rejects.toThrow(sentence)
  }
  expect(region.store.peers()).toEqual([])
})

test('shows the proof when a log has two histories', async () => {
  const { region, admin } = await start()
  const hill = await start()
  await hill.admin.witnessAdd({ url: region.httpUrl })
  await region.say(2)
  region.tick()
  await admin.witnessAdd({ url: hill.region.httpUrl })
  const { origin } = region.settlement.card()
  await eventually('cosigned', () => hill.region.settlement.peers.get(origin)?.row.size === 2)
  hill.region.shell.step((_now, batch) => hill.region.settlement.peers.accuse(origin, 'the other checkpoint\n', batch))
  expect((await hill.admin.witnessList())[0]?.conflict).toEqual({
    cosigned: expect.stringContaining(origin),
    other: 'the other checkpoint\n',
  })
})

test('is asked by these routes', async () => {
  const calls: unknown[][] = []
  const record =
    (name: string) =>
    async (...args: unknown[]) =>
      calls.push([name, ...args])
  const api = {
    witnessList: record('list'),
    witnessAdd: record('add'),
    witnessRemove: record('remove'),
  } as unknown as ApiCall['api']
  const call = { api, principal: { role: 'operator' as const }, query: new URLSearchParams() }
  for (const route of WITNESS_ROUTES) {
    const body = route.path === '/api/witnesses' && route.method === 'POST' ? { url: 'http://hill' } : undefined
    await runRoute(route, { ...call, subject: 'hedgerow/log/x', body })
  }
  expect(calls).toEqual([['list'], ['add', { url: 'http://hill' }], ['remove', 'hedgerow/log/x']])
  expect(WITNESS_ROUTES.every(route => route.roles.join() === 'operator')).toBe(true)
  const add = WITNESS_ROUTES.find(route => route.creates)
  if (!add) throw new Error('there is a route that adds a witness')
  await expect(runRoute(add, { ...call, subject: '', body: {} })).rejects.toThrow("'url' must be a text")
})
