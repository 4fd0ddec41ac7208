/** A job with nothing but a stock MQTT program, typed as docs/submitting.md says. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { ECHO } from '../support/tasks.ts'
import { TestRegion, taskOf } from '../support/test-region.ts'

const hasMosquitto = spawnSync('mosquitto_pub', ['--help']).error === undefined
const bin = (name: string) => join(import.meta.dirname, '../../node_modules/.bin', name)

let region: TestRegion
let account: { name: string; token: string }
const children: ChildProcess[] = []

beforeAll(async () => {
  region = await TestRegion.start()
  await region.join('greta')
  account = await region.account('ada')
})
afterAll(async () => {
  for (const child of children) child.kill()
  await region[Symbol.asyncDispose]()
})

const job = JSON.stringify({
  task: taskOf(ECHO),
  split: { kind: 'items', items: ['40', '2'] },
  aggregate: 'sum',
  verify: 'trust',
})

/** Subscribes with one program, publishes with the other, and waits for the result line. */
async function submitWith(ref: string, subscribe: string[], publish: string[]): Promise<string> {
  const { port } = new URL(region.coordinator.mqttUrl)
  const login = ['-h', '127.0.0.1', '-p', port, '-u', account.name, '-P', account.token]
  const topics = `hr/1/meadow/jobs/${account.name}`
  const [subProgram = '', ...subArgs] = subscribe
  const listener = spawn(subProgram, [...subArgs, ...login, '-t', `${topics}/#`, '-v'])
  children.push(listener)
  let heard = ''
  listener.stdout.on('data', chunk => {
    heard += chunk
  })
  const [pubProgram = '', ...pubArgs] = publish
  // Not the synchronous form: the coordinator runs in this process.
  const send = (topic: string, message: string) =>
    promisify(execFile)(pubProgram, [...pubArgs, ...login, '-t', `${topics}/${topic}`, '-m', message])
  const answered = () => heard.split('\n').find(line => line.includes('/result '))
  // A subscriber says nothing when it is ready, so the submission is repeated; its ref makes that one job.
  const submission = JSON.stringify({ ref, ...JSON.parse(job) })
  return eventually('the result arrives', async () => {
    if (answered() === undefined) await send('submit', submission)
    const id = /jobs\/ada\/([a-z2-7]{16})\/status/.exec(heard)?.[1]
    if (id !== undefined && answered() === undefined) await send(`${id}/get`, '?')
    return answered()
  })
}

const result = (line: string): unknown => JSON.parse(line.slice(line.indexOf('{')))

test('the mqtt command submits a job and reads its result', async () => {
  const line = await submitWith('mqtt', [process.execPath, bin('mqtt'), 'sub'], [process.execPath, bin('mqtt'), 'pub'])
  expect(result(line)).toMatchObject({ state: 'done', text: '42' })
})

test.skipIf(!hasMosquitto)('mosquitto_pub and mosquitto_sub (Debian: mosquitto-clients) do the same', async () => {
  const line = await submitWith('mosquitto', ['mosquitto_sub'], ['mosquitto_pub'])
  expect(result(line)).toMatchObject({ state: 'done', text: '42' })
})
