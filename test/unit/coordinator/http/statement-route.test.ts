import { describe, expect, test } from 'vitest'
import { Batch } from '../../../../coordinator/batch.ts'
import { Fleet } from '../../../../coordinator/fleet/fleet.ts'
import { ApiError } from '../../../../coordinator/http/admin-api.ts'
import { createStatements } from '../../../../coordinator/settlement/index.ts'
import {
  deviceIdOf,
  encodeStatement,
  frameAad,
  type RegionId,
  regionId,
  type Signer,
  type Statement,
  sign1,
  utf8,
} from '../../../../protocol/index.ts'
import { nodeSigner, nodeVerifier } from '../../../../protocol/node/index.ts'
import { httpHarness } from '../../../support/coordinator-http.ts'
import { ask } from '../../../support/http-client.ts'
import { NO_SETTLEMENT } from '../../../support/no-settlement.ts'
import { deviceRow } from '../../../support/rows.ts'

const startHttp = httpHarness()
const REGION = regionId('a'.repeat(26))
const signer = nodeSigner(new Uint8Array(32).fill(1))
const stranger = nodeSigner(new Uint8Array(32).fill(2))
const device = deviceIdOf(signer.publicKey)
const floor = (seq: number): Statement => ({ kind: 'price-floor', seq, gigafuelMicro: 5n, readingMicro: 0n })

interface Sent {
  by?: Signer
  region?: RegionId
  kind?: 'statement' | 'connect'
  to?: string
  type?: string
  body?: Uint8Array
}

async function start(take?: (seq: number) => Promise<{ text: string }>) {
  const settings = { saboteurShare: 0.1, devicesMax: 10, regionThumbprint: new Uint8Array(32) }
  const row = { ...deviceRow(device), publicKey: signer.publicKey }
  const fleet = new Fleet([row], [], settings as ConstructorParameters<typeof Fleet>[2])
  const taken: { statement: Statement; frame: Uint8Array; burned: number }[] = []
  let commits = 0
  const takeStatement = createStatements(
    {
      region: {
        step: work => work({ wallMs: 0, monotonicMs: 0 }, new Batch()),
        committed: async () => void commits++,
      },
      fleet,
      verifier: nodeVerifier(),
      take: async (member, statement, frame) => {
        taken.push({ statement, frame, burned: member.row.statementSeq })
        return (await take?.(statement.seq)) ?? { text: 'Your floor is 5.' }
      },
    },
    { regionId: REGION },
  )
  const { port } = await startHttp({ settlement: { ...NO_SETTLEMENT, takeStatement } })
  const send = async (statement: Statement, sent: Sent = {}) => {
    const { by = signer, region = REGION, kind = 'statement', to = device, type = 'application/cose' } = sent
    const aad = frameAad({ regionId: region, direction: 'up', device, class: kind })
    const body = sent.body ?? sign1(encodeStatement(statement), aad, by)
    const path = `/api/statements/${to}`
    const answer = await ask(port, { method: 'POST', path, body, headers: { 'content-type': type } })
    return [answer.status, answer.json()] as const
  }
  return { port, send, taken, commits: () => commits, statementSeq: () => fleet.member(device)?.row.statementSeq }
}

const refusal = (code: string, sentence: string) => ({ error: { code, message: expect.stringContaining(sentence) } })

describe('a statement', () => {
  test('[LOG-8.6] counts once, by the signature of its device alone', async () => {
    const { send, taken, commits, statementSeq } = await start()
    expect(await send(floor(1))).toEqual([200, { text: 'Your floor is 5.' }])
    expect(taken).toMatchObject([{ statement: floor(1), burned: 1 }])
    expect([taken[0]?.frame.length, commits()]).toEqual([expect.any(Number), 1])
    expect(await send(floor(1))).toEqual([
      409,
      refusal('conflict', 'was taken before: sign it again with a number above 1'),
    ])
    expect((await send(floor(7), { type: 'application/octet-stream' }))[0]).toBe(200)
    expect((await send(floor(6)))[0]).toBe(409)
    expect([taken.length, statementSeq()]).toEqual([2, 7])
  })

  test.each<[string, Sent, number, string]>([
    ['of a stranger', { by: stranger }, 401, 'not signed by this device'],
    ['for another region', { region: regionId('b'.repeat(26)) }, 401, 'not signed by this device'],
    ['that is another kind of frame', { kind: 'connect' }, 401, 'not signed by this device'],
    ['of a device that is not here', { to: 'z'.repeat(26) }, 404, 'There is no device'],
    ['of nobody', { to: 'nobody' }, 400, 'is not a device id'],
    ['that is no frame', { body: utf8('hello') }, 400, 'not a frame'],
    ['of another type', { type: 'application/json' }, 400, 'application/cose'],
    ['that is too long', { body: new Uint8Array(2_049) }, 413, 'more than 2048 bytes'],
  ])('%s is refused', async (_, sent, status, sentence) => {
    const { send, taken, statementSeq } = await start()
    expect(await send(floor(1), sent)).toEqual([status, refusal(expect.any(String) as never, sentence)])
    expect([taken, statementSeq()]).toEqual([[], 0])
  })

  test('is used up when it cannot be done', async () => {
    const { send, statementSeq } = await start(async () => {
      throw new ApiError('conflict', 'The window for disputes is over.')
    })
    expect(await send(floor(3))).toEqual([409, refusal('conflict', 'The window for disputes is over.')])
    expect(statementSeq()).toBe(3)
  })

  test('is brought by POST', async () => {
    const { port } = await start()
    expect((await ask(port, { path: `/api/statements/${device}` })).status).toBe(405)
  })
})
