/** Ed25519 checked on threads of its own, many signatures a message between the threads. */
import { Worker } from 'node:worker_threads'
import { strictKeyPoint } from '../cose/key.ts'
import { isIdentity } from '../cose/portable.ts'
import type { BackgroundVerifier } from '../cose/sign1.ts'
import { KEYS_MAX, SPKI_HEAD } from './ed25519.ts'

export interface VerifyWorkers extends BackgroundVerifier {
  /** Ends the threads; what is still being checked is never answered. */
  close(): Promise<void>
}

/**
 * Half a thread's time slice at a tenth of a millisecond each. Through Node's own pool (`crypto.verify` with a callback) each signature
 * takes 17 µs of the caller's thread, here 16 alone, 5 among four and 2 among sixteen; checking it there takes 107.
 */
const BATCH_MAX = 64
const HEAP_MAX_MIB = 32

interface Check {
  readonly publicKey: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
  readonly done: (isValid: boolean) => void
}

/**
 * Starts the threads; they keep no process alive. What comes while all are busy travels together. A thread that fails is a bug, and
 * ends the process.
 * @param threads - at least 1
 */
export function startVerifyWorkers(threads: number): VerifyWorkers {
  const idle: Worker[] = []
  const workers = Array.from({ length: threads }, startWorker)
  const queue: Check[] = []
  const strict = new Map<string, boolean>()
  let isScheduled = false

  function startWorker(): Worker {
    const workerData = { head: SPKI_HEAD, keysMax: KEYS_MAX }
    const resourceLimits = { maxOldGenerationSizeMb: HEAP_MAX_MIB }
    const worker = new Worker(`(${work})()`, { eval: true, workerData, resourceLimits, execArgv: [], env: {} })
    worker.unref()
    idle.push(worker)
    return worker
  }

  const dispatch = (): void => {
    isScheduled = false
    while (queue.length > 0) {
      const worker = idle.pop()
      if (worker === undefined) return
      const batch = queue.splice(0, BATCH_MAX)
      worker.once('message', (verdicts: Uint8Array) => {
        idle.push(worker)
        dispatch()
        for (const [index, check] of batch.entries()) check.done(verdicts[index] === 1 && isStrict(check.publicKey))
      })
      const packed = pack(batch)
      worker.postMessage(packed, [packed])
    }
  }

  /** OpenSSL accepts keys that are refused here; the check costs ten times a signature's, so it comes after that and once per key. */
  const isStrict = (publicKey: Uint8Array): boolean => {
    const name = Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.byteLength).toString('latin1')
    const known = strict.get(name)
    if (known !== undefined) return known
    if (strict.size >= KEYS_MAX) strict.clear()
    const verdict = strictKeyPoint(publicKey) !== null
    strict.set(name, verdict)
    return verdict
  }

  return {
    verify(publicKey, message, signature, done) {
      if (publicKey.length !== 32 || signature.length !== 64 || isIdentity(signature)) {
        queueMicrotask(() => done(false))
        return
      }
      queue.push({ publicKey, message, signature, done })
      if (isScheduled) return
      isScheduled = true
      // What arrives in one turn of the event loop goes together.
      setImmediate(dispatch)
    },
    close: async () => void (await Promise.all(workers.map(worker => worker.terminate()))),
  }
}

/** Key, signature, length and bytes of every message: one buffer, which changes hands instead of being copied. */
function pack(batch: readonly Check[]): ArrayBuffer {
  const headBytes = 32 + 64 + 4
  let size = 0
  for (const { message } of batch) size += headBytes + message.length
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const { publicKey, signature, message } of batch) {
    bytes.set(publicKey, at)
    bytes.set(signature, at + 32)
    view.setUint32(at + 96, message.length)
    bytes.set(message, at + headBytes)
    at += headBytes + message.length
  }
  return bytes.buffer
}

/** What a thread does. It is started from its own text, so it uses nothing from outside itself; it answers a 1 or a 0 a signature. */
function work(): void {
  const { createPublicKey, verify } = process.getBuiltinModule('node:crypto')
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads')
  const { head, keysMax } = workerData as { head: Uint8Array; keysMax: number }
  const keys = new Map<string, ReturnType<typeof createPublicKey>>()

  const keyOf = (raw: Buffer): ReturnType<typeof createPublicKey> => {
    const name = raw.toString('latin1')
    let key = keys.get(name)
    if (key === undefined) {
      if (keys.size >= keysMax) keys.clear()
      key = createPublicKey({ key: Buffer.concat([head, raw]), format: 'der', type: 'spki' })
      keys.set(name, key)
    }
    return key
  }

  parentPort?.on('message', (packed: ArrayBuffer) => {
    const bytes = Buffer.from(packed)
    const verdicts: number[] = []
    for (let at = 0; at < bytes.length; ) {
      const end = at + 100 + bytes.readUInt32BE(at + 96)
      const key = keyOf(bytes.subarray(at, at + 32))
      verdicts.push(verify(null, bytes.subarray(at + 100, end), key, bytes.subarray(at + 32, at + 96)) ? 1 : 0)
      at = end
    }
    parentPort?.postMessage(Uint8Array.from(verdicts))
  })
}
