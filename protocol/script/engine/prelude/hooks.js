/** What the driver calls: it moves bytes, and everything that can be said in JavaScript is said here. */

const NO_FUNCTION =
  'The default export is not a function to call: begin the script with `export default function (input) { … }`.'

/** Where an error is, within the script. */
const PLACE = /\btask\.js:(\d+):(\d+)/

/**
 * @param parts - what the other files of this folder gave, and `args` of the host
 */
export default function createHooks({ Input, outputOf, encode, decode, show, host }) {
  /** Rejected promises that nobody has looked at yet, with their reasons. */
  const rejected = new Map()
  let answer

  const main = async (namespace, buffer) => {
    const { default: run } = await namespace
    if (typeof run !== 'function') throw new TypeError(NO_FUNCTION)
    const args = host.args().split('\0').slice(1, -1)
    return run(new Input(buffer, decode), { args })
  }

  return {
    /** Room for a unit's input. */
    allocate: length => new ArrayBuffer(length),

    /** Begins the unit; the driver runs the promise jobs that follow. */
    start(namespace, buffer) {
      answer = { state: 'pending' }
      main(namespace, buffer).then(
        value => {
          answer = { state: 'returned', value }
        },
        error => {
          answer = { state: 'threw', error }
        },
      )
    },

    /** The output, once there are no jobs left. Throws what the script threw. */
    finish() {
      if (answer.state === 'threw') throw answer.error
      for (const reason of rejected.values()) throw reason
      if (answer.state === 'pending') {
        throw new Error(
          'The script waits for a promise that nothing will ever settle; there are no timers and no network.',
        )
      }
      return outputOf(answer.value, encode)
    },

    /** Says on standard error why the unit ends. */
    fail(error) {
      // With no memory left, there is none for an error either.
      const reason =
        error === null ? "null, which QuickJS throws when memory runs out: raise the job's task.memoryMiB" : show(error)
      host.print(`Uncaught ${reason}\n`)
    },

    refuseImport(name) {
      throw new TypeError(`a script stands alone and cannot import '${name}': bundle it into the script`)
    },

    noteRejected: (promise, reason) => rejected.set(promise, reason),
    noteHandled: promise => rejected.delete(promise),

    /** What a script's segment holds: the length of its bytecode, and the bytecode. */
    segmentOf(bytecode) {
      const segment = new Uint8Array(4 + bytecode.byteLength)
      new DataView(segment.buffer).setUint32(0, bytecode.byteLength, true)
      segment.set(new Uint8Array(bytecode), 4)
      return segment.buffer
    },

    /** Why a script does not parse, and where. */
    reportProblem(error) {
      const [, line, column] = PLACE.exec(error?.stack ?? '') ?? []
      return problem(
        line === undefined
          ? { reason: String(error) }
          : { reason: String(error), line: Number(line), column: Number(column) },
      )
    },
  }

  /** A length of 0, then what is wrong as JSON. */
  function problem(facts) {
    const json = encode(JSON.stringify(facts))
    const bytes = new Uint8Array(4 + json.length)
    bytes.set(json, 4)
    return bytes.buffer
  }
}
