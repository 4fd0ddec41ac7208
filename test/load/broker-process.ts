/** The coordinator's broker alone: it lets every device in and does nothing with what they say. */
import { createGarbageBound } from '../../coordinator/bound-garbage.ts'
import { createBroker } from '../../coordinator/broker/index.ts'
import { regionName } from '../../protocol/index.ts'
import { systemClock } from '../../protocol/node/index.ts'
import { answerQuestions } from './answer-questions.ts'
import type { Listening } from './messages.ts'
import { ownUsage } from './own-usage.ts'

const silent = { info: () => {}, warn: () => {} }
const broker = await createBroker(
  { clock: systemClock, log: silent, count: () => {} },
  { region: regionName('load'), host: '127.0.0.1', port: 0 },
  {
    authenticateDevice: () => 'ok',
    authenticateSubmitter: () => false,
    onUplink: () => {},
    onSubmitter: () => {},
    onConnected: () => {},
    onDisconnected: () => {},
  },
)
answerQuestions(ownUsage)
// As in a coordinator, so that the two can be compared.
const boundGarbage = createGarbageBound()
setInterval(() => boundGarbage(broker.connectionCount()), 200)
process.once('SIGTERM', async () => {
  await broker.close()
  process.exit()
})
const listening = { mqttUrl: `mqtt://127.0.0.1:${broker.port}`, httpUrl: '', adminToken: '' }
process.send?.({ listening } satisfies Listening)
