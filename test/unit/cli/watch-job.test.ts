import { beforeEach, expect, test } from 'vitest'
import type { AdminClient } from '../../../cli/admin-client.ts'
import { EXIT } from '../../../cli/exit-codes.ts'
import { Output } from '../../../cli/output.ts'
import { watchJob } from '../../../cli/watch-job.ts'
import type { Job } from '../../../coordinator/http/admin-api.ts'
import { TransportError } from '../../../protocol/index.ts'
import { JOB_ID, jobOf } from './fake-admin.ts'
import { type FakeIo, fakeIo } from './fake-io.ts'

const silence = new TransportError({ code: 'unreachable', address: 'x' }, 'Nobody answers.')

let io: FakeIo

beforeEach(() => {
  io = fakeIo()
})

/** Answers one after the other, a quarter of a second of the fake clock apart; the last one for ever. */
async function watch(answers: readonly (Job | Error)[], meanwhile: (asked: number) => void = () => {}) {
  let asked = 0
  const api = {
    job: async () => {
      const answer = answers[Math.min(asked, answers.length - 1)] ?? silence
      asked++
      meanwhile(asked)
      // After this answer has been dealt with.
      setImmediate(() => io.clock.advance(250))
      if (answer instanceof Error) throw answer
      return answer
    },
  } as Partial<AdminClient> as AdminClient
  const watched = watchJob(api, JOB_ID, { io, out: new Output(io, false) })
  return { ...(await watched), asked }
}

test('follows a job to its end, one line every five seconds', async () => {
  const running = Array.from({ length: 41 }, (_, index) => jobOf({ unitsVerified: index }))
  const { job, exit } = await watch([...running, jobOf({ state: 'aggregating' }), jobOf({ state: 'done' })])
  expect([job.state, exit]).toEqual(['done', EXIT.ok])
  expect(
    io.stderr
      .text()
      .split('\n')
      .filter(line => line !== ''),
  ).toHaveLength(3)
})

test('a job that ends without an answer has its own exit code', async () => {
  expect((await watch([jobOf(), jobOf({ state: 'cancelled' })])).exit).toBe(EXIT.jobFailed)
})

test('is patient while the coordinator restarts', async () => {
  const away = Array.from({ length: 100 }, () => silence)
  expect((await watch([jobOf(), ...away, jobOf({ state: 'done' })])).exit).toBe(EXIT.ok)
})

test('gives up after a minute of silence, and at once on a refusal', async () => {
  await expect(watch([jobOf(), silence])).rejects.toThrow('Nobody answers.')
  expect(io.clock.monotonicMs()).toBeGreaterThanOrEqual(60_000)
  await expect(watch([jobOf(), new Error('No.')])).rejects.toThrow('No.')
})

test('stops at Ctrl-C and says that the job goes on', async () => {
  const { exit } = await watch([jobOf()], asked => {
    if (asked === 2) io.abort()
  })
  expect(exit).toBe(EXIT.interrupted)
  expect(io.stderr.text()).toContain(`The job goes on. Watch it again with: hedgerow job watch ${JOB_ID}`)
})
