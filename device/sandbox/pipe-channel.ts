import { readSync, writeSync } from 'node:fs'
import { assert } from '../../protocol/errors.ts'
import { REQUEST_BYTES_MAX } from './ipc.ts'

/**
 * Frames over two inherited pipes, read and written in place. A process that runs one thing at a time needs no event
 * loop, and without one it starts faster, holds less memory and answers sooner.
 */
export class PipeChannel {
  readonly #input: number
  readonly #output: number
  readonly #head = new Uint8Array(4)

  constructor(input: number, output: number) {
    this.#input = input
    this.#output = output
  }

  /** Waits for the next frame's contents; null when the other side is gone. */
  read(): Uint8Array | null {
    if (!this.#fill(this.#head)) return null
    const length = new DataView(this.#head.buffer).getUint32(0)
    assert(length <= REQUEST_BYTES_MAX, 'a request is within its bound')
    const body = new Uint8Array(length)
    return this.#fill(body) ? body : null
  }

  /** Writes a whole frame, waiting for the other side to take it. */
  write(frame: Uint8Array): void {
    for (let at = 0; at < frame.length; ) at += writeSync(this.#output, frame, at)
  }

  #fill(target: Uint8Array): boolean {
    for (let at = 0; at < target.length; ) {
      const count = readSync(this.#input, target, at, target.length - at, null)
      if (count === 0) return false
      at += count
    }
    return true
  }
}
