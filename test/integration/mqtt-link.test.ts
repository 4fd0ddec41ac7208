/** The link against peers that are not what they should be. */
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { mqttLink } from '../../device/link/mqtt-link.ts'
import { deviceId, regionName } from '../../protocol/index.ts'
import { publishPacket, subscribePacket } from '../support/mqtt-packets.ts'

const HANDLERS = { downlink: () => undefined, closed: () => undefined }
const CONNACK = Buffer.from([0x20, 2, 0, 0])

async function server(greet: (socket: Socket) => void) {
  const sockets: Socket[] = []
  const tcp = createServer(socket => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    greet(socket)
  })
  await new Promise<void>(resolve => tcp.listen(0, '127.0.0.1', resolve))
  const address = `mqtt://127.0.0.1:${(tcp.address() as AddressInfo).port}`
  const target = {
    address,
    region: regionName('north'),
    device: deviceId('a'.repeat(26)),
    password: new Uint8Array(100),
  }
  return {
    target,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>(resolve => tcp.close(() => resolve()))
    },
  }
}

/** Answers CONNECT, then SUBSCRIBE with this code. */
function broker(granted: number, then: (socket: Socket) => void = () => undefined) {
  return (socket: Socket) =>
    socket.on('data', data => {
      if (data[0] === 0x10) socket.write(CONNACK)
      if (data[0] === 0x82) {
        socket.write(Buffer.from([0x90, 3, data[2] ?? 0, data[3] ?? 0, granted]))
        then(socket)
      }
    })
}

describe('mqttLink', () => {
  it.each([
    ['speaks something else', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'closed'],
    ['hangs up', (socket: Socket) => socket.destroy(), 'closed'],
    ['refuses', (socket: Socket) => socket.end(Buffer.from([0x20, 2, 0, 5])), 'refused'],
    ['is silent', () => undefined, 'timeout'],
    ['keeps the device from its topics', broker(128), 'refused'],
  ])('says in words that the other end %s', async (_, greet, code) => {
    await using peer = await server(greet)
    const failure = await mqttLink({ connectTimeoutMs: 200 })
      .connect(peer.target, HANDLERS)
      .catch((thrown: unknown) => thrown)
    expect(failure).toMatchObject({ code })
    expect(String(failure)).toMatch(/^TransportError: The broker at mqtt:\/\/127\.0\.0\.1:\d+ .*[.?]$/)
  })

  it('hears what comes right behind the subscription, and nothing that is not for it', async () => {
    const downlink = (topic: string) =>
      Buffer.concat([Buffer.from([0x30, topic.length + 4, 0, topic.length]), Buffer.from(`${topic}hi`)])
    const own = `hr/1/north/0/${'a'.repeat(26)}/dn/ack`
    const greet = broker(1, socket => {
      socket.write(Buffer.concat([downlink(own), downlink('$SYS/broker'), downlink(own.replace('dn/ack', 'up/join'))]))
      socket.end()
    })
    await using peer = await server(greet)
    const heard: string[] = []
    const closed = Promise.withResolvers<void>()
    const handlers = {
      downlink: (name: string, frame: Uint8Array) => void heard.push(`${name} ${Buffer.from(frame)}`),
      closed: closed.resolve,
    }
    const connection = await mqttLink().connect(peer.target, handlers)
    await closed.promise
    expect(heard).toEqual(['ack hi'])
    await expect(connection.publish('status', new Uint8Array(1))).rejects.toMatchObject({ code: 'closed' })
  })

  it('publishes and subscribes at QoS 0, and says all it has to say before it leaves [TOPIC-3.2]', async () => {
    const sent: Buffer[] = []
    const gone = Promise.withResolvers<void>()
    await using peer = await server(socket => {
      socket.on('data', data => sent.push(data))
      socket.on('end', gone.resolve)
      broker(0)(socket)
    })
    const connection = await mqttLink().connect(peer.target, HANDLERS)
    const frames = Array.from({ length: 40 }, (_, index) => new Uint8Array(60_000).fill(32 + index))
    for (const frame of frames) void connection.publish('result', frame)
    connection.close()
    await gone.promise
    const own = `hr/1/north/0/${'a'.repeat(26)}`
    const expected = [
      subscribePacket([`${own}/dn/+`], 0),
      ...frames.map(payload => publishPacket({ topic: `${own}/up/result`, payload })),
      Uint8Array.of(0xe0, 0),
    ]
    const bytes = Buffer.concat(sent)
    const at = bytes.indexOf(`${own}/dn/+`) - 6
    // The packet id is the client's own choice.
    bytes.set([0, 1], at + 2)
    expect(bytes.subarray(at).equals(Buffer.concat(expected))).toBe(true)
  })
})
