import { expect, test } from 'vitest'
import { bearer, httpHarness, TOKENS } from '../../../support/coordinator-http.ts'
import { ask } from '../../../support/http-client.ts'
import { DEVICES } from '../../../support/rows.ts'

const start = httpHarness()
const [device] = DEVICES

const ROUTES: readonly [method: 'GET' | 'POST', path: string, body: unknown, status: number, call: string[]][] = [
  ['GET', `/api/reputation/devices/${device}`, undefined, 200, ['reputationOfDevice', device]],
  ['GET', '/api/reputation/owners/ann', undefined, 200, ['reputationOfOwner', 'ann']],
  ['POST', '/api/reputation', { statement: 'AAAA' }, 201, ['reputationImport', 'AAAA']],
  ['GET', '/api/regions', undefined, 200, ['trustedRegions']],
  ['POST', '/api/regions', { key: 'k' }, 201, ['regionTrust', 'k']],
  ['POST', '/api/regions/abc/distrust', {}, 200, ['regionDistrust', 'abc']],
]

test.each(ROUTES)('%s %s is for the operator', async (method, path, body, status, call) => {
  const calls: string[][] = []
  const recorded =
    (name: string) =>
    async (...args: string[]) => {
      calls.push([name, ...args])
      return {} as never
    }
  const { port } = await start({
    api: {
      reputationOfDevice: recorded('reputationOfDevice'),
      reputationOfOwner: recorded('reputationOfOwner'),
      reputationImport: recorded('reputationImport'),
      trustedRegions: recorded('trustedRegions'),
      regionTrust: recorded('regionTrust'),
      regionDistrust: recorded('regionDistrust'),
    },
  })
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const send = (token: string) => ask(port, { method, path, headers: bearer(token), ...sent })
  expect((await send(TOKENS.admin)).status).toBe(status)
  expect(calls).toEqual([call])
  expect((await send(TOKENS.ada)).status).toBe(403)
  expect(calls).toHaveLength(1)
})
