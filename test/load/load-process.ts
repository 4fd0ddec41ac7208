/**
 * A process full of devices. Arguments: the broker's host and port, and the number of this process, which says what addresses of this
 * machine it connects from.
 */
import { decodeClaimCode, deviceIdOf, downlinkFilter, messageOf, regionName } from '../../protocol/index.ts'
import { nodeSigner, systemRandom } from '../../protocol/node/index.ts'
import { answerQuestions } from './answer-questions.ts'
import { type LoadCounts, LoadDevice } from './load-device.ts'
import type { LoadCommand, LoadReply } from './messages.ts'
import { MqttConnection, type Route } from './mqtt-connection.ts'

/** Devices that connect at a time. */
const AT_ONCE = 64
/** The coordinator takes 1 024 from one address. */
const PER_ADDRESS = 1_000
const ADDRESSES_PER_PROCESS = 8
const PING_MS = 120_000

const [host = '127.0.0.1', port = '1883', number = '0'] = process.argv.slice(2)
const region = regionName('load')
const counts: LoadCounts = { leases: 0, acked: 0, lost: 0 }
const devices: LoadDevice[] = []
const idle: MqttConnection[] = []
let idleCount = 0

/** Loopback addresses are all this machine's; the first ones are left to everybody else. */
function routeOf(index: number): Route {
  const address = 16 + Number(number) * ADDRESSES_PER_PROCESS + Math.floor(index / PER_ADDRESS)
  return { host, port: Number(port), localAddress: `127.0.0.${address}` }
}

async function enter(claim: string): Promise<void> {
  const signer = nodeSigner(systemRandom.bytes(32))
  const device = new LoadDevice({ signer, claim: decodeClaimCode(claim), route: routeOf(devices.length), counts })
  devices.push(device)
  await device.enter()
}

async function connectIdle(): Promise<void> {
  const id = deviceIdOf(nodeSigner(systemRandom.bytes(32)).publicKey)
  const login = { clientId: id, username: 'device', password: Uint8Array.of(0) }
  const route = routeOf(idleCount++)
  const connection = await MqttConnection.open(route, login, { onMessage: () => {}, onClose: () => counts.lost++ })
  idle.push(connection)
  await connection.subscribe(downlinkFilter(region, id))
}

/** Does it for each, some at a time. */
async function forEach<Item>(items: readonly Item[], run: (item: Item) => Promise<void>): Promise<LoadReply> {
  const left = [...items].reverse()
  let done = 0
  let failed = 0
  let reason = ''
  const worker = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) {
      try {
        await run(item)
        done++
      } catch (error) {
        failed++
        reason ||= messageOf(error)
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return { done, failed, reason, counts }
}

async function heartbeats(forMs: number): Promise<LoadReply> {
  const endMs = performance.now() + forMs
  let done = 0
  const beat = async (device: LoadDevice) => {
    while (performance.now() < endMs && device.isConnected) {
      await device.status()
      done++
    }
  }
  await Promise.allSettled(devices.map(beat))
  return { done, failed: 0, reason: '', counts }
}

setInterval(() => {
  for (const device of devices) device.ping()
  for (const connection of idle) connection.ping()
}, PING_MS)

answerQuestions<LoadCommand, LoadReply>(command => {
  switch (command.kind) {
    case 'enter':
      return forEach(command.claims, enter)
    case 'idle':
      return forEach(
        Array.from({ length: command.count }, (_, i) => i),
        connectIdle,
      )
    case 'heartbeats':
      return heartbeats(command.forMs)
    case 'count':
      return { done: 0, failed: 0, reason: '', counts }
    case 'come-back':
      return forEach(
        devices.filter(({ isConnected }) => !isConnected),
        device => device.comeBack(),
      )
  }
})
