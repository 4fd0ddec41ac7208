/**
 * A process full of subscribers, some of which stop reading and come back whenever they are thrown out. Says how long healthy ones waited
 * from one message to the next. Arguments: the broker's host and port.
 */
import { deviceIdOf, downlinkFilter, regionName } from '../../protocol/index.ts'
import { nodeSigner, systemRandom } from '../../protocol/node/index.ts'
import { answerQuestions } from './answer-questions.ts'
import { FOR_ALL, type Subscriber, type SubscriberCommand, type SubscriberReply } from './messages.ts'
import { type Login, MqttConnection } from './mqtt-connection.ts'

/** Pause of a frozen client that has been thrown out, before it is back. */
const COME_BACK_MS = 100
const FROZEN_PING_MS = 100

const [host = '127.0.0.1', port = '1883'] = process.argv.slice(2)
const route = { host, port: Number(port), localAddress: '127.0.0.1' }
const region = regionName('load')
let gapsMs: number[] = []
/** When each healthy subscriber had its last message; cleared when gaps are asked for. */
const lastMs = new Map<object, number>()
let thrownOut = 0

async function subscribe({ kind, isFrozen }: Subscriber): Promise<string> {
  const id = deviceIdOf(nodeSigner(systemRandom.bytes(32)).publicKey)
  // A name for each, since one submitter may have few connections.
  const name = `reader-${id.slice(0, 8)}`
  const login: Login =
    kind === 'device'
      ? { clientId: id, username: 'device', password: Uint8Array.of(0) }
      : { clientId: `client-${id}`, username: name, password: Uint8Array.of(0x74) }
  const out = `hr/1/${region}/out/${isFrozen ? '' : `${FOR_ALL}/`}#`
  const filter = kind === 'device' ? downlinkFilter(region, id) : out
  await (isFrozen ? stayFrozen(login, filter) : read(login, filter))
  return id
}

async function read(login: Login, filter: string): Promise<void> {
  const key = {}
  const onMessage = () => {
    const nowMs = performance.now()
    const before = lastMs.get(key)
    if (before !== undefined) gapsMs.push(nowMs - before)
    lastMs.set(key, nowMs)
  }
  const connection = await MqttConnection.open(route, login, { onMessage, onClose: () => thrownOut++ })
  await connection.subscribe(filter)
}

/** Subscribes and reads nothing that comes then. Whoever reads nothing learns only by writing that it has been thrown out. */
async function stayFrozen(login: Login, filter: string): Promise<void> {
  let pings: NodeJS.Timeout | undefined
  const comeBack = () => stayFrozen(login, filter).catch(() => setTimeout(comeBack, COME_BACK_MS))
  const onClose = () => {
    // Before it was frozen, whoever waits for it is told.
    if (pings === undefined) return
    clearInterval(pings)
    thrownOut++
    setTimeout(comeBack, COME_BACK_MS)
  }
  const connection = await MqttConnection.open(route, login, { onMessage: () => {}, onClose })
  await connection.subscribe(filter)
  connection.freeze()
  pings = setInterval(() => connection.ping(), FROZEN_PING_MS)
}

answerQuestions<SubscriberCommand, SubscriberReply>(async command => {
  if (command.kind === 'subscribe') {
    const ids: string[] = []
    for (const subscriber of command.subscribers) ids.push(await subscribe(subscriber))
    return { ids, gapsMs: [], thrownOut }
  }
  const taken = gapsMs
  gapsMs = []
  lastMs.clear()
  return { ids: [], gapsMs: taken, thrownOut }
})
