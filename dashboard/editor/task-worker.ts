/** The entry point of the worker that compiles scripts and tries units, so that a long one never holds up the page. */
import { utf8 } from '../../protocol/bytes.ts'
import { messageOf } from '../../protocol/errors.ts'
import { composeScript } from '../../protocol/script/index.ts'
import { checkDraft, problemOf } from './job-draft.ts'
import type { TryAnswer, TryWish } from './messages.ts'
import { tryUnit } from './try-unit.ts'

/** QuickJS as WebAssembly, the same file that the region composes tasks with. */
const ENGINE_PATH = '/dashboard/javascript-engine.wasm'

let loading: Promise<Uint8Array> | null = null

addEventListener('message', ({ data }: MessageEvent<{ id: number; wish: TryWish }>) => {
  void answer(data.id, data.wish).then(message => postMessage(message))
})

async function answer(id: number, wish: TryWish): Promise<TryAnswer> {
  let engine: Uint8Array
  try {
    loading ??= loadEngine()
    engine = await loading
  } catch (thrown) {
    loading = null
    return { id, kind: 'unable', message: messageOf(thrown) }
  }
  try {
    return fulfil(id, wish, engine)
  } catch (thrown) {
    return { id, kind: 'refused', ...problemOf(thrown) }
  }
}

function fulfil(id: number, wish: TryWish, engine: Uint8Array): TryAnswer {
  if (wish.kind === 'check') {
    composeScript(engine, utf8(wish.script))
    return { id, kind: 'checked' }
  }
  const { spec, problem } = checkDraft(wish.draft, wish.script)
  if (problem !== null) return { id, kind: 'refused', ...problem }
  return { id, kind: 'tried', tried: tryUnit(engine, wish.script, spec, wish.unit) }
}

async function loadEngine(): Promise<Uint8Array> {
  const response = await fetch(ENGINE_PATH)
  if (!response.ok)
    throw new Error('Scripts cannot be checked in this browser here; the region checks them when they are submitted.')
  return new Uint8Array(await response.arrayBuffer())
}
