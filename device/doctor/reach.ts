/** Goes the way to a broker one step at a time, to find out which step fails. */
import { lookup } from 'node:dns/promises'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { TransportError } from '../../protocol/index.ts'
import { openSecure, type RegionTrust } from '../link/index.ts'

/** The steps, in their order. */
export type Step = 'name' | 'connection' | 'encryption' | 'answer'

/** A step that failed; the others before it worked. */
export class StepFailure extends Error {
  readonly step: Step
  /** Such as `ECONNREFUSED`, or `timeout`. */
  readonly code: string
  /** A sentence of why; empty where the code is all there is to say. */
  readonly says: string

  constructor(step: Step, code: string, says = '', options?: ErrorOptions) {
    super(`${step}: ${code}`, options)
    this.step = step
    this.code = code
    this.says = says
  }
}

export interface ReachRequest {
  readonly host: string
  readonly port: number
  /** Whom to believe behind TLS; null to speak without it. */
  readonly trust: RegionTrust | null
  /** What is sent at first, and how many bytes of answer are waited for. */
  readonly says: Uint8Array
  readonly answerBytes: number
  /** For each step. */
  readonly timeoutMs: number
}

export interface Reached {
  readonly address: string
  readonly answer: Uint8Array
  /** When the certificate ends, in wall time; null without TLS. */
  readonly certificateEndsMs: number | null
}

/** @throws {StepFailure} naming the step */
export async function reach(request: ReachRequest): Promise<Reached> {
  const { host, port, trust, timeoutMs } = request
  const address = await resolveName(host, timeoutMs)
  const plain = await connected(connectTcp({ host: address, port }), timeoutMs)
  try {
    if (trust === null) return { address, answer: await converse(plain, request), certificateEndsMs: null }
  } finally {
    plain.destroy()
  }
  const secured = await secure(request, trust)
  try {
    return { address, answer: await converse(secured, request), certificateEndsMs: await certificateEnds(request) }
  } finally {
    secured.destroy()
  }
}

/** As the device itself does it: the certificate is judged before anything is sent. */
async function secure({ host, port, timeoutMs }: ReachRequest, trust: RegionTrust) {
  const place = `${host}:${port}`
  try {
    return await openSecure({ address: place, host, port, timeoutMs }, trust)
  } catch (cause) {
    if (cause instanceof TransportError) throw new StepFailure('encryption', cause.code, cause.message, { cause })
    throw new StepFailure('encryption', codeOf(cause), '', { cause })
  }
}

/** On a connection of its own: Node tells a certificate once, and the judgement above has had it. */
function certificateEnds({ host, port, timeoutMs }: ReachRequest): Promise<number | null> {
  const named = isIP(host) === 0 ? { servername: host } : {}
  const socket = connectTls({ host, port, rejectUnauthorized: false, timeout: timeoutMs, ...named })
  return new Promise(resolve => {
    const end = (endsMs: number | null) => {
      socket.destroy()
      resolve(endsMs)
    }
    socket.once('secureConnect', () => end(Date.parse(socket.getPeerX509Certificate()?.validTo ?? '') || null))
    socket.once('timeout', () => end(null))
    socket.once('error', () => end(null))
  })
}

async function resolveName(host: string, timeoutMs: number): Promise<string> {
  const late = new Promise<never>((_, reject) => {
    AbortSignal.timeout(timeoutMs).addEventListener('abort', () => reject(new StepFailure('name', 'timeout')))
  })
  const found = lookup(host).catch((cause: unknown) => {
    throw new StepFailure('name', codeOf(cause), '', { cause })
  })
  return (await Promise.race([found, late])).address
}

function connected(socket: Socket, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const fail = (code: string, cause?: unknown) => {
      socket.destroy()
      reject(new StepFailure('connection', code, '', { cause }))
    }
    socket.setTimeout(timeoutMs, () => fail('timeout'))
    socket.once('error', error => fail(codeOf(error), error))
    socket.once('close', () => fail('closed'))
    socket.once('connect', () => {
      socket.removeAllListeners('timeout').removeAllListeners('close').removeAllListeners('error')
      socket.on('error', () => {})
      resolve(socket)
    })
  })
}

function converse(socket: Socket, { says, answerBytes, timeoutMs }: ReachRequest): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0)
    socket.setTimeout(timeoutMs, () => reject(new StepFailure('answer', 'timeout')))
    socket.once('error', cause => reject(new StepFailure('answer', codeOf(cause), '', { cause })))
    socket.once('close', () => reject(new StepFailure('answer', 'closed')))
    socket.on('data', (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk])
      if (answer.length >= answerBytes) resolve(new Uint8Array(answer))
    })
    socket.write(says)
  })
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'failed'
}
