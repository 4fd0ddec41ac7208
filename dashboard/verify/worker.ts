/** The verifying worker's entry point: picks the real parts, so that hashing a whole log never holds up the page. */
import { createHttpSource } from '../../auditor/sources/http-source.ts'
import { type Clock, messageOf, portableSha256, portableVerifier, TransportError } from '../../protocol/index.ts'
import { type CardFacts, VerifyDesk } from './desk.ts'
import type { Answer, Question } from './messages.ts'

/** Progress is told after so many entries at least. */
const PROGRESS_ENTRIES = 1_024

const clock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimeout: (run, delayMs) => {
    const timer = setTimeout(run, delayMs)
    return { cancel: () => clearTimeout(timer) }
  },
}

const source = createHttpSource('', { clock, fetch: (input, init) => fetch(input, init) })
const readCard = async (): Promise<CardFacts> => {
  const response = await fetch('/log/card', { cache: 'no-store' })
  if (response.ok) return (await response.json()) as CardFacts
  const { status } = response
  const message = `The region's card cannot be read now: it answers with the HTTP status ${status}. Try again later.`
  throw new TransportError({ code: 'bad_response', address: '/log/card', status }, message)
}
const desk = new VerifyDesk({ hash: portableSha256, verifier: portableVerifier() }, source, readCard)

addEventListener('message', ({ data }: MessageEvent<{ id: number; question: Question }>) => {
  const { id, question } = data
  answer(id, question).then(tell, (thrown: unknown) => tell({ id, kind: 'failed', message: messageOf(thrown) }))
})

async function answer(id: number, question: Question): Promise<Answer> {
  switch (question.kind) {
    case 'checkpoint':
      return { id, kind: 'checkpoint', checked: await desk.checkpoint(question.seen, question.witnessKeys) }
    case 'entries':
      return { id, kind: 'entries', ...(await desk.entries(question.from, question.to)) }
    case 'inclusion':
      return { id, kind: 'inclusion', check: await desk.inclusion(question.index) }
    case 'compare':
      return { id, kind: 'compare', comparison: await desk.compare(question.text) }
    case 'replay': {
      let told = 0
      const books = await desk.replay((entries, size) => {
        if (entries - told < PROGRESS_ENTRIES && entries < size) return
        told = entries
        tell({ id, kind: 'progress', entries, size })
      })
      return { id, kind: 'replay', books }
    }
  }
}

function tell(message: Answer): void {
  postMessage(message)
}
