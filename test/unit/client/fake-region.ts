/** A region's submitter side on a real broker: the test decides what is answered. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { Aedes, type AuthenticateError } from 'aedes'
import type { JobReply, RefusedReply, StatusReply } from '../../../protocol/index.ts'
import { jobId, jobTopic, refusedTopic, regionName, submitterName } from '../../../protocol/index.ts'

export const REGION = regionName('here')
export const NAME = submitterName('me')
export const TOKEN = 'secret'

export interface FakeRegion {
  readonly mqttUrl: string
  /** Called with the last level of the topic and the payload of everything a submitter publishes. */
  onPublish: (leaf: string, payload: string, topic: string) => void
  /** Topics that may not be subscribed to. */
  forbid: (topic: string) => boolean
  publish(topic: string, body: unknown): void
  reply(job: string, leaf: JobReply, body: unknown): void
  refuse(body: RefusedReply): void
  /** Cuts every connection. */
  cut(): void
  close(): Promise<void>
}

export async function startFakeRegion(): Promise<FakeRegion> {
  const broker = await Aedes.createBroker()
  broker.authenticate = (_client, username, password, done) => {
    const ok = username === NAME && password?.toString() === TOKEN
    if (ok) done(null, true)
    else done(Object.assign(new Error('bad token'), { returnCode: 4 }) as AuthenticateError, false)
  }
  broker.authorizeSubscribe = (_client, subscription, done) => {
    // MQTT 3.1.1 §3.9.3: a failure of one subscription is told, and the connection goes on.
    done(null, region.forbid(subscription.topic) ? null : subscription)
  }
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    broker.handle(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const publish = (topic: string, body: unknown): void => {
    const payload = typeof body === 'string' ? body : JSON.stringify(body)
    broker.publish({ cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false }, () => {})
  }
  const region: FakeRegion = {
    mqttUrl: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    onPublish: () => {},
    forbid: () => false,
    publish,
    reply: (job, leaf, body) => publish(jobTopic(REGION, NAME, jobId(job), leaf), body),
    refuse: body => publish(refusedTopic(REGION, NAME), body),
    cut: () => {
      for (const socket of sockets) socket.destroy()
    },
    close: async () => {
      region.cut()
      await new Promise<void>(resolve => broker.close(() => resolve()))
      await new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
  broker.on('publish', ({ topic, payload }, client) => {
    if (client !== null) region.onPublish(topic.split('/').at(-1) ?? '', payload.toString(), topic)
  })
  return region
}

/** A status reply with the usual numbers. */
export function statusOf(job: string, state: StatusReply['state'], more: Partial<StatusReply> = {}): StatusReply {
  const terms = { units: 4, gigafuelPriceMicro: '100', budgetMicro: '400' }
  return { job: jobId(job), state, reason: '', ...terms, ...more }
}
