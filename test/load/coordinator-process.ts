/** A coordinator in a process of its own, which tells its parent what memory it has. Its folder is the argument. */

import { startCoordinator } from '../../coordinator/index.ts'
import { regionName } from '../../protocol/index.ts'
import { answerQuestions } from './answer-questions.ts'
import type { Listening } from './messages.ts'
import { ownUsage } from './own-usage.ts'

const [stateDir] = process.argv.slice(2)
if (stateDir === undefined) throw new Error('The folder of the coordinator is missing.')
const { mqttUrl, httpUrl, adminToken, close } = await startCoordinator({
  stateDir,
  name: regionName('load'),
  mqttPort: 0,
  httpPort: 0,
  onFatal: error => {
    throw error
  },
})
answerQuestions(ownUsage)
process.once('SIGTERM', async () => {
  await close()
  process.exit()
})
process.send?.({ listening: { mqttUrl, httpUrl, adminToken } } satisfies Listening)
