/** Brings the engine into the state that every unit starts from, by running it once while it is built. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { assert } from '../../errors.ts'
import { QuickJs } from './quickjs.ts'

const PRELUDE = join(import.meta.dirname, 'prelude')

/** What the driver calls in JavaScript, by the names of its globals. */
const HOOKS = [
  'allocate',
  'start',
  'finish',
  'fail',
  'refuseImport',
  'noteRejected',
  'noteHandled',
  'segmentOf',
  'reportProblem',
] as const

/** Stack traces say `task.js:line:column`. */
const SCRIPT_NAME = 'task.js'

/**
 * What QuickJS may use of its 1 MiB stack in memory. Calls beyond it throw a RangeError that a script can catch, well before metering's
 * limit on the depth of calls ends the unit.
 */
const STACK_BYTES = 256 * 1_024

/** Collections start at this size: a small unit has none at all. */
const COLLECT_BYTES = 4 * 1_048_576

/** Room that is there from the start: a unit that stays within it need not grow the memory, and its instance can be used again. */
const ROOM_BYTES = 512 * 1_024

/**
 * Starts QuickJS, evaluates the prelude and tells the driver where everything is.
 * @param module - QuickJS merged with the driver, with all exports
 * @returns the instance, ready for a snapshot
 */
export function prepare(module: Uint8Array): QuickJs {
  const engine = new QuickJs(module)
  engine.call('_initialize')
  assert(engine.call('qjs_init') === 0, 'QuickJS starts')
  engine.call('qjs_set_max_stack_size', STACK_BYTES)
  engine.call('qjs_set_module_loader', 1)
  engine.call('qjs_set_promise_rejection_handler', 1)
  engine.setGlobal('address.scratch', engine.allocate(64))
  engine.setGlobal('address.scriptName', engine.text(`${SCRIPT_NAME}\0`).pointer)
  engine.setGlobal('address.randomState', engine.findRandomState())

  const hooks = evaluatePrelude(engine)
  for (const name of HOOKS) engine.setGlobal(`hook.${name}`, engine.property(hooks, name))

  engine.call('qjs_run_gc')
  engine.call('qjs_set_gc_threshold', COLLECT_BYTES)
  engine.call('free', engine.allocate(ROOM_BYTES))
  return engine
}

/** The files of the prelude, in an order that never changes, and each with what it asks for. */
function evaluatePrelude(engine: QuickJs): number {
  const part = (file: string) => engine.defaultExport(readFileSync(join(PRELUDE, file), 'utf8'), file)
  // The driver's host_call tells them apart by their first letters.
  const host = engine.newObject(
    Object.fromEntries(['args', 'decode', 'encode', 'print'].map(name => [name, engine.newHostFunction(name)])),
  )
  const encoding = engine.apply(part('text-encoding.js'), host)
  const console = engine.apply(part('console.js'), host)
  const parts = engine.newObject({
    host,
    encode: engine.property(encoding, 'encode'),
    decode: engine.property(encoding, 'decode'),
    show: engine.property(console, 'show'),
    Input: part('input.js'),
    outputOf: part('output.js'),
  })
  return engine.apply(part('hooks.js'), parts)
}
