/** Jobs whose right answer is known to the byte before they are submitted. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JobSubmission } from '../../client/index.ts'
import { wholeText } from '../../examples/region-in-a-box/book.ts'
import { wordCountLines } from '../../examples/word-count/reference.ts'
import { type Random, type Sha256Hex, utf8 } from '../../protocol/index.ts'

const EXAMPLES = join(import.meta.dirname, '../../examples')
const NOOP_OUTPUT_BYTES = 32
/** Enough words in a unit that a lease's outputs do not fit its frame and go up as a blob. */
const LARGE_UNIT_LINES = 1_500

export interface Work {
  readonly name: string
  /** What must be uploaded first. */
  readonly blobs: readonly Uint8Array[]
  /** The submission, once the blobs have names. */
  specification(blobs: readonly Sha256Hex[]): JobSubmission
  readonly answer: Uint8Array
}

/** Makes works of several kinds and sizes. */
export class WorkMaker {
  readonly #random: Random
  readonly #noop = readFileSync(join(EXAMPLES, 'noop/build/noop.wasm'))
  readonly #wordCount = readFileSync(join(EXAMPLES, 'word-count/build/word-count.wasm'))
  readonly #lines = wholeText().split('\n')

  constructor(random: Random) {
    this.#random = random
  }

  next(): Work {
    const choice = this.#random.uniform()
    if (choice < 0.6) return this.#range()
    if (choice < 0.9) return this.#wordsOf(this.#between(100, 600), this.#between(4, 15), 'words')
    return this.#wordsOf(LARGE_UNIT_LINES * 2, LARGE_UNIT_LINES, 'large outputs')
  }

  #between(least: number, most: number): number {
    return least + Math.floor(this.#random.uniform() * (most - least + 1))
  }

  #verify(): JobSubmission {
    const choice = this.#random.uniform()
    if (choice < 0.15) return { verify: 'trust' }
    return { verify: { theta: choice < 0.4 ? 0.999 : 0.98 } }
  }

  #range(): Work {
    const from = this.#between(0, 1_000_000)
    const units = this.#between(50, 1_500)
    const answer = new Uint8Array(units * NOOP_OUTPUT_BYTES)
    for (let i = 0; i < units; i++) answer.set(utf8(`${from + i} ${from + i + 1}\n`), i * NOOP_OUTPUT_BYTES)
    const shape = { leaseUnitsMax: this.#between(1, 12), ...this.#verify() }
    return {
      name: `${units} numbers`,
      blobs: [this.#noop],
      answer,
      specification: ([module]) => ({
        task: { module: { sha256: module }, memoryMiB: 1 },
        split: { kind: 'range', from, to: from + units, chunk: 1 },
        aggregate: { kind: 'concat' },
        ...shape,
      }),
    }
  }

  #wordsOf(lines: number, linesPerUnit: number, name: string): Work {
    const start = this.#between(0, Math.max(0, this.#lines.length - lines))
    const text = this.#lines.slice(start, start + lines).join('\n')
    const shape = { leaseUnitsMax: this.#between(1, 3), ...this.#verify() }
    return {
      name: `${name} of ${lines} lines`,
      blobs: [this.#wordCount, utf8(text)],
      answer: utf8(wordCountLines(text)),
      specification: ([module, source]) => ({
        task: { module: { sha256: module }, memoryMiB: 16 },
        split: { kind: 'blob', source: { sha256: source }, by: 'lines', size: linesPerUnit },
        aggregate: { kind: 'merge-map' },
        ...shape,
      }),
    }
  }
}
