/** A scripted region behind a real MQTT broker and a real HTTP server, both on loopback ports of the system's choosing. */
import { createHash } from 'node:crypto'
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer, type Server as TcpServer } from 'node:net'
import { Aedes, type AedesPublishPacket } from 'aedes'
import { deviceTopic, parseTopic } from '../../../protocol/index.ts'
import { ScriptedRegion } from './scripted-region.ts'

export interface RegionServerInit {
  /** The broker's port; 0 lets the system choose. */
  readonly port?: number
  /** The region to serve again, after a restart. */
  readonly region?: ScriptedRegion
  /** Accepts whoever connects, as an impostor does. */
  readonly gullible?: boolean
}

export interface BlobServer {
  readonly content: Map<string, Uint8Array>
  readonly requests: { method: string; range: string | undefined; authorization: string | undefined }[]
}

export async function startRegion(init: RegionServerInit = {}) {
  const blobs: BlobServer = { content: new Map(), requests: [] }
  const http = createHttpServer((request, response) => void serveBlob(blobs, request, response))
  const httpPort = await listening(http, 0)
  const aedes = await Aedes.createBroker()
  const tcp = createServer({ noDelay: true }, aedes.handle)
  const port = await listening(tcp, init.port ?? 0)
  const region =
    init.region ?? new ScriptedRegion({ address: `mqtt://127.0.0.1:${port}`, blobUrl: `http://127.0.0.1:${httpPort}` })
  const watchers = new Set<() => void>()
  const changed = () => {
    for (const watcher of watchers) watcher()
  }
  let connects = 0

  aedes.authenticate = (_client, _username, password, done) => {
    connects += 1
    try {
      region.connect(new Uint8Array(password ?? []))
      done(null, true)
    } catch {
      if (init.gullible) done(null, true)
      else done(Object.assign(new Error('stale counter'), { returnCode: 4 as const }), false)
    }
    changed()
  }
  aedes.authorizePublish = (client, packet, done) => {
    done(null)
    const topic = parseTopic(packet.topic)
    if (client === null || topic?.kind !== 'device' || topic.direction !== 'up') return
    region.receive(topic.device, topic.class, new Uint8Array(packet.payload as Buffer))
    changed()
  }
  region.send = (device, name, frame) => {
    const topic = deviceTopic({ region: region.name, device, direction: 'dn', class: name })
    const packet = { cmd: 'publish', topic, payload: Buffer.from(frame), qos: 1, retain: false, dup: false }
    aedes.publish(packet as AedesPublishPacket, () => undefined)
  }

  return {
    region,
    blobs,
    port,
    connects: () => connects,
    /** Resolves as soon as something the region heard makes the condition true. */
    until: (condition: () => boolean) =>
      new Promise<void>(resolve => {
        const watcher = () => {
          if (!condition()) return
          watchers.delete(watcher)
          resolve()
        }
        watchers.add(watcher)
        watcher()
      }),
    async [Symbol.asyncDispose]() {
      await new Promise<void>(resolve => aedes.close(resolve))
      http.closeAllConnections()
      await Promise.all([closed(http), closed(tcp)])
    },
  }
}

export type RegionServer = Awaited<ReturnType<typeof startRegion>>

function listening(server: TcpServer | Server, port: number): Promise<number> {
  return new Promise(resolve => {
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

function closed(server: TcpServer | Server): Promise<void> {
  return new Promise(resolve => server.close(() => resolve()))
}

async function serveBlob(blobs: BlobServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', headers } = request
  blobs.requests.push({ method, range: headers.range, authorization: headers.authorization })
  const sha256 = request.url?.slice('/blob/'.length) ?? ''
  if (method === 'PUT') {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const content = Buffer.concat(chunks)
    const good = createHash('sha256').update(content).digest('hex') === sha256
    if (good) blobs.content.set(sha256, content)
    response.writeHead(good ? 201 : 400).end()
    return
  }
  const content = blobs.content.get(sha256)
  if (content === undefined) {
    response.writeHead(404).end()
    return
  }
  const range = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '')
  const [start, end] = range ? [Number(range[1]), Number(range[2]) + 1] : [0, content.length]
  const about = range ? { 'content-range': `bytes ${start}-${end - 1}/${content.length}` } : {}
  response.writeHead(range ? 206 : 200, about)
  response.end(method === 'HEAD' ? undefined : content.subarray(start, end))
}
