import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { createWitnessAdmin } from '../../../../coordinator/admin/witness-admin.ts'
import { formatAddCheckpoint, openCheckpoint, parseVerifierKey, verifyCosignature } from '../../../../protocol/index.ts'
import { nodeVerifier } from '../../../../protocol/node/index.ts'
import { atEnd } from '../../../support/at-end.ts'
import { eventually } from '../../../support/eventually.ts'
import { ask } from '../../../support/http-client.ts'
import { SettledRegion } from '../../../support/settled-region.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const newDir = tempDirs()
const later = atEnd()
const verifier = nodeVerifier()

/** A region with a signed log of three entries, and one that watches it and has seen nothing yet. */
async function start() {
  const [meadow, hill] = [await SettledRegion.start(newDir()), await SettledRegion.start(newDir())]
  later(() => meadow.stop())
  later(() => hill.stop())
  await meadow.say(3)
  meadow.tick()
  await eventually('shown', () => meadow.settlement.checkpoint()?.size === 3)
  await createWitnessAdmin({ region: hill.shell, settlement: hill.settlement, verifier }).witnessAdd({
    url: meadow.httpUrl,
  })
  const port = Number(new URL(hill.httpUrl).port)
  const post = (body: string | Uint8Array, headers = {}) =>
    ask(port, { method: 'POST', path: '/witness/add-checkpoint', body, headers })
  const { note } = meadow.settlement.checkpoint() ?? { note: '' }
  return { meadow, hill, port, post, note }
}

test('cosigns over HTTP as tlog-witness has it', async () => {
  const { meadow, hill, port, post, note } = await start()
  const { origin, logKey } = meadow.settlement.card()
  const shown = `/witness/${createHash('sha256').update(origin).digest('hex')}/checkpoint`
  expect((await ask(port, { path: shown })).status).toBe(404)

  const request = formatAddCheckpoint({ oldSize: 0, path: [], note })
  const cosigned = await post(request)
  expect([cosigned.status, cosigned.headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8'])
  const witnessKey = parseVerifierKey(hill.settlement.card().witnessKey)
  expect(verifyCosignature(`${note}${cosigned.body}`, witnessKey, verifier)).not.toBeNull()

  const stale = await post(request)
  expect([stale.status, stale.headers['content-type'], stale.body.toString()]).toEqual([409, 'text/x.tlog.size', '3\n'])
  expect((await post(formatAddCheckpoint({ oldSize: 3, path: [new Uint8Array(32)], note }))).status).toBe(422)
  expect((await post(formatAddCheckpoint({ oldSize: 4, path: [], note }))).status).toBe(400)
  expect((await post(request.replaceAll(origin, 'example.com/log'))).status).toBe(404)
  expect((await post(request.replace('\n3\n', '\n2\n'))).status).toBe(403)

  const answer = await ask(port, { path: shown })
  expect(answer.status).toBe(200)
  expect(openCheckpoint(answer.body.toString(), parseVerifierKey(logKey), verifier).size).toBe(3)
  expect(verifyCosignature(answer.body.toString(), witnessKey, verifier)).not.toBeNull()
  expect((await ask(port, { path: shown, method: 'HEAD' })).body.length).toBe(0)
})

test('takes nothing else', async () => {
  const { port, post } = await start()
  expect((await post('hello')).status).toBe(400)
  expect((await post(Buffer.from([0xff, 0xfe]))).status).toBe(400)
  expect((await post('old 0\n\n'.padEnd(40_000, 'x'))).status).toBe(413)
  expect((await ask(port, { path: '/witness/add-checkpoint' })).status).toBe(405)
  const nothing = await ask(port, { path: '/witness/sign-subtree', method: 'POST' })
  expect([nothing.status, nothing.json()]).toMatchObject([
    404,
    { error: { message: expect.stringContaining('POST /witness/add-checkpoint') } },
  ])
  expect((await ask(port, { path: `/witness/${'0'.repeat(64)}/checkpoint`, method: 'DELETE' })).status).toBe(405)
})
