/** QuickJS' functions as the build calls them. Values of JavaScript are handles: addresses of a JSValue in the engine's memory. */
import { fromUtf8, utf8 } from '../../bytes.ts'
import { assert } from '../../errors.ts'

const MODULE = 1

/** The clock while the engine is built, in nanoseconds: a number that QuickJS' random state cannot be by chance. */
const BUILD_CLOCK_NS = 1_234_567_890_123_456_000n
const REALTIME = 0
const RANDOM_BYTE = 0x5a

interface Instance {
  readonly exports: Record<string, unknown>
}

export class QuickJs {
  readonly #exports: Record<string, unknown>

  /** @param module - QuickJS merged with the driver, with all exports */
  constructor(module: Uint8Array) {
    const { Module, Instance } = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly
    const wasi: Record<string, unknown> = {
      clock_time_get: (clock: number, _precision: bigint, result: number) => {
        this.view.setBigUint64(result, clock === REALTIME ? BUILD_CLOCK_NS : 0n, true)
        return 0
      },
      // The C library's own start asks for it; the state it seeds is the same in every unit anyhow.
      random_get: (target: number, length: number) => {
        this.memory.fill(RANDOM_BYTE, target, target + length)
        return 0
      },
      fd_write: (_file: number, vectors: number, _count: number, _written: number) => {
        const bytes = this.bytes(this.view.getUint32(vectors, true), this.view.getUint32(vectors + 4, true))
        throw new Error(`The engine says: ${fromUtf8(bytes)}`)
      },
    }
    const imports: Record<string, Record<string, unknown>> = {}
    const compiled = new Module(module)
    for (const { module: from, name } of Module.imports(compiled)) {
      imports[from] ??= {}
      imports[from][name] = wasi[name] ?? (() => assert(false, `${name} is not called while the engine is built`))
    }
    this.#exports = new Instance(compiled, imports).exports
  }

  get memory(): Uint8Array {
    return new Uint8Array((this.#exports.memory as { buffer: ArrayBuffer }).buffer)
  }

  get view(): DataView {
    return new DataView(this.memory.buffer)
  }

  /** A copy of a range of the memory. */
  bytes(pointer: number, length: number): Uint8Array {
    return this.memory.slice(pointer, pointer + length)
  }

  /** Calls an exported function. */
  call(name: string, ...values: number[]): number {
    const run = this.#exports[name]
    assert(typeof run === 'function', `the engine exports ${name}`)
    return run(...values)
  }

  /** The exported globals of 32 bits. */
  global(name: string): number {
    return this.#global(name).value
  }

  setGlobal(name: string, value: number): void {
    this.#global(name).value = value
  }

  /** Memory that is never freed. */
  allocate(bytes: number): number {
    const pointer = this.call('malloc', bytes)
    assert(pointer !== 0, 'there is memory')
    return pointer
  }

  /** A text in memory, as UTF-8. */
  text(text: string): { pointer: number; length: number } {
    const bytes = utf8(text)
    const pointer = this.allocate(bytes.length)
    this.memory.set(bytes, pointer)
    return { pointer, length: bytes.length }
  }

  newObject(properties: Record<string, number>): number {
    const object = this.call('qjs_new_object')
    for (const [name, value] of Object.entries(properties)) this.setProperty(object, name, value)
    return object
  }

  newHostFunction(name: string): number {
    const { pointer, length } = this.text(name)
    return this.#checked(this.call('qjs_new_host_function', pointer, length, 0))
  }

  property(object: number, name: string): number {
    return this.#checked(this.call('qjs_get_prop_string', object, this.text(`${name}\0`).pointer))
  }

  setProperty(object: number, name: string, value: number): void {
    assert(this.call('qjs_set_prop_string', object, this.text(`${name}\0`).pointer, value) === 1, `${name} can be set`)
  }

  /** Calls a function with one argument. */
  apply(callee: number, value: number): number {
    const values = this.allocate(4)
    this.view.setUint32(values, value, true)
    return this.#checked(this.call('qjs_call', callee, this.call('qjs_get_undefined'), 1, values))
  }

  /** Evaluates a module that imports nothing, and gives its default export. */
  defaultExport(source: string, file: string): number {
    const { pointer, length } = this.text(`${source}\0`)
    const name = this.text(`hedgerow:${file}\0`).pointer
    const namespace = this.#checked(this.call('qjs_eval', pointer, length - 1, name, MODULE))
    while (this.call('qjs_execute_pending_job') > 0);
    return this.property(this.#checked(this.call('qjs_promise_result', namespace)), 'default')
  }

  /**
   * Where the state of Math.random is: QuickJS sets it from the clock in microseconds, and advances it once for a hash seed.
   * It is in the context, which has no function that tells.
   */
  findRandomState(): number {
    const context = this.call('qjs_get_context_ptr')
    const expected = xorshift(BUILD_CLOCK_NS / 1_000n)
    const view = this.view
    const found: number[] = []
    for (let at = context; at < context + 1_024; at += 8) if (view.getBigUint64(at, true) === expected) found.push(at)
    const [address] = found
    assert(address !== undefined && found.length === 1, 'the state of its random numbers is found in the context')
    return address
  }

  #checked(handle: number): number {
    if (this.call('qjs_is_exception', handle) === 0) return handle
    const error = this.call('qjs_get_exception')
    throw new Error(`${this.#textOf(error)}\n${this.#textOf(this.property(error, 'stack'))}`)
  }

  #textOf(handle: number): string {
    const length = this.allocate(4)
    const pointer = this.call('qjs_get_string_len', handle, length)
    return fromUtf8(this.bytes(pointer, this.view.getUint32(length, true)))
  }

  #global(name: string): { value: number } {
    const global = this.#exports[name]
    assert(typeof global === 'object' && global !== null && 'value' in global, `the engine exports the global ${name}`)
    return global as { value: number }
  }
}

interface Engine {
  readonly Module: (new (bytes: Uint8Array) => object) & { imports(module: object): { module: string; name: string }[] }
  readonly Instance: new (module: object, imports: Record<string, Record<string, unknown>>) => Instance
}

/** One step of Marsaglia's xorshift64, as QuickJS takes it. */
function xorshift(state: bigint): bigint {
  let x = state
  x ^= x >> 12n
  x = BigInt.asUintN(64, x ^ (x << 25n))
  return x ^ (x >> 27n)
}
