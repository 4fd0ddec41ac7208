/** A BullMQ worker process: every job answers with 32 bytes. Started with the Redis port, the queue and the concurrency. */
import { Worker } from 'bullmq'

const [port, queue = '', concurrency] = process.argv.slice(2)
// A job's return value is JSON, so bytes travel as text.
const answer = Buffer.alloc(32, 7).toString('base64')
const connection = { host: '127.0.0.1', port: Number(port), maxRetriesPerRequest: null }
const worker = new Worker(queue, async () => answer, { connection, concurrency: Number(concurrency) })
worker.on('error', error => process.stderr.write(`bullmq worker: ${error.message}\n`))
await worker.waitUntilReady()
process.send?.('ready')

const stop = () => void worker.close(true).finally(() => process.exit())
process.once('SIGTERM', stop)
process.once('disconnect', stop)
