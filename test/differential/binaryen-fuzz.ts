/** Binaryen's own generator of modules, `wasm-opt --translate-to-fuzz`, loaded once instead of started anew for each module. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { assert } from '../../protocol/errors.ts'

/** What Emscripten's start-up code takes and gives. */
interface Tool {
  noInitialRun: boolean
  onRuntimeInitialized: () => void
  print: (line: string) => void
  printErr: (line: string) => void
  quit: () => void
  callMain?: (args: string[]) => void
}

/** The profile's features and no others. */
const FEATURES = [
  '--mvp-features',
  '--enable-mutable-globals',
  '--enable-sign-ext',
  '--enable-nontrapping-float-to-int',
  '--enable-bulk-memory',
  '--enable-multivalue',
  '--enable-reference-types',
]

/** Turns bytes into modules, one after another. */
export class BinaryenFuzz {
  readonly #tool: Tool
  readonly #folder = mkdtempSync(join(tmpdir(), 'hedgerow-ttf-'))
  #messages: string[] = []

  private constructor(tool: Tool) {
    this.#tool = tool
    tool.printErr = line => this.#messages.push(line)
  }

  /** Loads the tool. */
  static async load(): Promise<BinaryenFuzz> {
    const path = join(dirname(createRequire(import.meta.url).resolve('binaryen')), 'bin', 'wasm-opt')
    const program = readFileSync(path, 'utf8').replace(/^#!.*/, '')
    const silent = () => {}
    const { promise, resolve } = Promise.withResolvers<void>()
    const tool: Tool = {
      noInitialRun: true,
      onRuntimeInitialized: resolve,
      print: silent,
      printErr: silent,
      quit: silent,
    }
    // Its start-up code is a script and no module: it finds what it needs in variables of these names.
    const run = new Function('Module', 'require', '__filename', '__dirname', `${program};Module.callMain = callMain`)
    run(tool, createRequire(path), path, dirname(path))
    await promise
    return new BinaryenFuzz(tool)
  }

  /** A module with imports and exports of Binaryen's liking; see {@link adaptFuzzModule}. */
  module(bytes: Uint8Array): Uint8Array {
    const [input, output] = [join(this.#folder, 'in'), join(this.#folder, 'out.wasm')]
    rmSync(output, { force: true })
    writeFileSync(input, bytes)
    this.#messages = []
    this.#tool.callMain?.(['--translate-to-fuzz', input, '-o', output, ...FEATURES, '--quiet'])
    // The tool leaves a status for the process it thinks it is alone in.
    process.exitCode = 0
    try {
      return new Uint8Array(readFileSync(output))
    } catch (cause) {
      assert(false, `wasm-opt wrote no module: ${this.#messages.join(' ')} ${cause}`)
    }
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
