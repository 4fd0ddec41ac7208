import { expect, test } from 'vitest'
import { bearer, httpHarness, TOKENS } from '../../../support/coordinator-http.ts'
import { ask } from '../../../support/http-client.ts'

const start = httpHarness()

test.each([TOKENS.admin, TOKENS.ada])('prices are shown to the operator and to submitters (%s)', async token => {
  const asked: string[] = []
  const explanation = { summary: 'It is cheap.', reasons: [], facts: {} }
  const { port } = await start({
    api: {
      priceList: async () => ({
        epoch: 1,
        epochMs: 2,
        nextMs: 3,
        targetUtilisation: 0.7,
        priceStepMax: 0.1,
        prices: [],
        moves: [],
      }),
      priceExplain: async what => {
        asked.push(what)
        return explanation
      },
    },
  })
  const get = (path: string) => ask(port, { path, headers: bearer(token) })
  expect((await get('/api/prices')).json()).toMatchObject({ epoch: 1, moves: [] })
  expect((await get('/api/prices/pm2.5/explain')).json()).toEqual(explanation)
  expect(asked).toEqual(['pm2.5'])
})
