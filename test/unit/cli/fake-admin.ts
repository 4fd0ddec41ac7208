/** A coordinator's HTTP interface with answers written by the test. */
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Device, Job } from '../../../coordinator/http/admin-api.ts'

export interface Call {
  readonly route: string
  readonly token: string
  readonly body: string
}

/** JSON, bytes, or a status with JSON. */
export type Answer = { readonly status: number; readonly json: unknown } | Uint8Array | object

export interface FakeAdmin {
  readonly httpUrl: string
  readonly calls: Call[]
  /** Answers by `METHOD /path?query`. */
  answers: Record<string, Answer | (() => Answer)>
  /** Writes the file that a coordinator leaves in its folder. */
  admitTo(state: string): void
  close(): Promise<void>
}

export async function startFakeAdmin(): Promise<FakeAdmin> {
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const route = `${request.method} ${request.url}`
    const token = request.headers.authorization?.replace('Bearer ', '') ?? ''
    admin.calls.push({ route, token, body: Buffer.concat(chunks).toString('latin1') })
    const found = admin.answers[route]
    const answer = typeof found === 'function' ? found() : found
    if (answer instanceof Uint8Array) return void response.end(answer)
    const missing = { status: 404, json: { error: { code: 'not_found', message: `There is nothing at ${route}.` } } }
    const { status, json } =
      answer === undefined ? missing : 'status' in answer ? answer : { status: 200, json: answer }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const admin: FakeAdmin = {
    httpUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    answers: {},
    admitTo: state => {
      mkdirSync(join(state, 'coordinator'), { recursive: true })
      const file = { httpUrl: admin.httpUrl, mqttUrl: 'mqtt://127.0.0.1:1', region: 'here', adminToken: 'root', pid: 1 }
      writeFileSync(join(state, 'coordinator', 'admin.json'), JSON.stringify(file))
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return admin
}

export const JOB_ID = 'abcdefgh234567ab'
export const DEVICE_ID = 'abcdefghijklmnopqrstuvwx23'

export function jobOf(more: Partial<Job> = {}): Job {
  return {
    id: JOB_ID,
    name: 'words',
    submitter: 'me',
    state: 'running',
    reason: '',
    units: 1_234,
    unitsDone: 700,
    unitsVerified: 617,
    leases: 9,
    replicaLeases: 2,
    speculativeLeases: 1,
    failedUnits: 0,
    fuel: '1230000000',
    unitFuelMax: 1_000_000_000,
    gigafuelPriceMicro: '10000',
    budgetMicro: '123400',
    spentMicro: '61700',
    feeMicro: '0',
    replicaMicro: '21700',
    createdAtMs: 1_700_000_000_000,
    finishedAtMs: null,
    ratePerSecond: 345.6,
    etaMs: 90_000,
    result: null,
    bill: null,
    ...more,
  }
}

export function deviceOf(more: Partial<Device> = {}): Device {
  return {
    id: DEVICE_ID,
    label: 'kitchen',
    owner: 'alice',
    standing: 'joined',
    standingReason: '',
    drainReason: null,
    online: true,
    slots: 1,
    creditLeases: 4,
    leasesOut: 2,
    checksPassed: 3,
    credibility: 0.99,
    unitsAccepted: 1_000,
    unitsRejected: 0,
    leasesExpired: 0,
    earnedMicro: '1250000',
    holdbackMicro: '250000',
    availableMicro: '1000000',
    lastReason: '',
    ...more,
  }
}
