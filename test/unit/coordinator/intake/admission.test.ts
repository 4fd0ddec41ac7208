import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createAdmission } from '../../../../coordinator/intake/admission.ts'
import {
  ConfigError,
  composeScript,
  jobIdFromBytes,
  LIMITS,
  parseStoredJobSpec,
  type Sha256Hex,
  sha256Hex,
  TaskError,
  toBase64,
  utf8,
} from '../../../../protocol/index.ts'
import { readJavaScriptEngine } from '../../../../protocol/node/index.ts'
import { op, range, rawModule, reactor } from '../../../support/wasm-module.ts'

const ID = jobIdFromBytes(new Uint8Array(10))
const echo = reactor(range(1_024, 4))
/** Sound by its sections, and yet no engine would run it: `run` leaves nothing on the stack. */
const unsound = reactor(op.i32(1))
const hashOf = (bytes: Uint8Array): Sha256Hex => sha256Hex(createHash('sha256').update(bytes).digest('hex'))

/** Blobs in a map; the stream hands them out in pieces of seven bytes. */
function blobsOf(...stored: Uint8Array[]) {
  const blobs = new Map(stored.map(bytes => [hashOf(bytes), bytes]))
  const reads: Sha256Hex[] = []
  const get = (sha256: Sha256Hex) => blobs.get(sha256) as Uint8Array
  return {
    blobs,
    reads,
    store: {
      has: (sha256: Sha256Hex) => (blobs.has(sha256) ? { size: get(sha256).length } : null),
      put: (bytes: Uint8Array) => {
        blobs.set(hashOf(bytes), bytes)
        return hashOf(bytes)
      },
      read: (sha256: Sha256Hex) => {
        reads.push(sha256)
        return get(sha256)
      },
      async *readStream(sha256: Sha256Hex) {
        const bytes = get(sha256)
        for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7)
      },
    } as unknown as Parameters<typeof createAdmission>[0],
  }
}

const job = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  task: { module: { base64: toBase64(echo) } },
  split: { kind: 'range', from: 0, to: 10, chunk: 3 },
  aggregate: { kind: 'collect' },
  ...more,
})

async function failure(specification: unknown, ...stored: Uint8Array[]): Promise<unknown> {
  return createAdmission(blobsOf(...stored).store, readJavaScriptEngine)
    .admit(specification, ID, '')
    .then(
      () => 'admitted',
      error => error,
    )
}

describe('an admitted job', () => {
  it('knows all that its leases need', async () => {
    const { store, blobs } = blobsOf()
    const prepared = await createAdmission(store, readJavaScriptEngine).admit(job(), ID, 'mine')
    expect(prepared).toMatchObject({
      id: ID,
      ref: 'mine',
      input: null,
      module: hashOf(echo),
      moduleBytes: echo.length,
      abi: 'reactor',
      memoryPagesMax: 1_024,
    })
    expect(prepared.plan.units).toBe(4)
    expect(blobs.get(hashOf(echo))).toEqual(echo)
  })

  it('has its inline bytes stored, and is the same when it is read from its row', async () => {
    const text = 'one\ntwo\nthree\nfour\nfive'
    const split = { kind: 'blob', source: { text }, by: 'lines', size: 2 }
    const { store, blobs } = blobsOf()
    const admission = createAdmission(store, readJavaScriptEngine)
    const prepared = await admission.admit(job({ split }), ID, 'mine')
    expect(prepared.input).toBe(hashOf(utf8(text)))
    expect(blobs.has(hashOf(utf8(text)))).toBe(true)
    expect([prepared.plan.units, prepared.plan.runInput(1, 2)]).toEqual([3, { kind: 'range', offset: 8, length: 15 }])

    const again = await createAdmission(store, readJavaScriptEngine).readmit(
      parseStoredJobSpec(prepared.specJson),
      ID,
      'mine',
    )
    expect(again.plan.runInput(1, 2)).toEqual(prepared.plan.runInput(1, 2))
    expect({ ...again, plan: null }).toEqual({ ...prepared, plan: null })
  })

  it('of a module that is known already does not read it again', async () => {
    const { store, reads } = blobsOf(echo)
    const admission = createAdmission(store, readJavaScriptEngine)
    for (let i = 0; i < 3; i++) await admission.admit(job({ task: { module: { sha256: hashOf(echo) } } }), ID, '')
    expect(reads).toEqual([hashOf(echo)])
  })
})

describe('a script', () => {
  const source = 'export default input => input.text.length'

  it('becomes a module, which is stored in its place', async () => {
    const { store, blobs } = blobsOf(utf8(source))
    const admission = createAdmission(store, readJavaScriptEngine)
    const prepared = await admission.admit(job({ task: { script: { text: source } } }), ID, '')
    const module = composeScript(readJavaScriptEngine(), utf8(source))
    expect(prepared).toMatchObject({ module: hashOf(module), moduleBytes: module.length, abi: 'reactor' })
    expect(blobs.get(prepared.module)).toEqual(module)
    expect(prepared.spec.task).toEqual({
      module: { sha256: prepared.module },
      args: [],
      memoryMiB: 64,
      unitTimeoutMs: 10_000,
      unitFuelMax: 1_000_000_000,
    })
    const named = await admission.admit(job({ task: { script: { sha256: hashOf(utf8(source)) } } }), ID, '')
    expect(named.specJson).toBe(prepared.specJson)
    const again = await createAdmission(store, () => expect.fail('nothing is composed again')).readmit(
      parseStoredJobSpec(prepared.specJson),
      ID,
      '',
    )
    expect(again.module).toBe(prepared.module)
  })

  it('is refused where it is wrong', async () => {
    expect(await failure(job({ task: { script: { text: 'export default (' } } }))).toMatchObject({
      info: { code: 'bad_script', line: 1, column: 17 },
    })
  })

  it('that is not here, or too large to read, is refused by its field', async () => {
    const large = new Uint8Array(LIMITS.scriptBytesMax + 1)
    for (const sha256 of ['ab'.repeat(32), hashOf(large)]) {
      expect(await failure(job({ task: { script: { sha256 } } }), large)).toMatchObject({
        info: { code: 'bad_job', path: 'task.script' },
      })
    }
  })
})

describe('a job that cannot run is refused [JOB-2.1]', () => {
  const nowhere = 'ab'.repeat(32)
  it.each<[what: string, specification: unknown, path: string]>([
    ['that is no object', 7, ''],
    ['with a wrong field', job({ split: { kind: 'range', from: 0, to: 10, chunk: 0 } }), 'split.chunk'],
    ['of a module that is not here', job({ task: { module: { sha256: nowhere } } }), 'task.module'],
    [
      'of an input that is not here',
      job({ split: { kind: 'blob', source: { sha256: nowhere }, by: 'bytes', size: 9 } }),
      'split.source',
    ],
    [
      'of too little memory for its module',
      job({ task: { module: { base64: toBase64(reactor(range(0, 0), { memory: [1, 0, 64] })) }, memoryMiB: 1 } }),
      'task.memoryMiB',
    ],
  ])('%s', async (_what, specification, path) => {
    const error = await failure(specification)
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as ConfigError).info).toMatchObject({ code: 'bad_job', path })
  })

  it.each<[what: string, module: Uint8Array, reason: string]>([
    ['that is text', utf8('print("hello")'), ''],
    ['that is empty of everything', rawModule(), ''],
    ['that no engine accepts', unsound, 'the engine finds it invalid'],
  ])('of a module %s', async (_what, module, reason) => {
    const error = await failure(job({ task: { module: { base64: toBase64(module) } } }))
    expect(error).toBeInstanceOf(TaskError)
    expect((error as TaskError).info).toMatchObject({ code: 'bad_module', reason: expect.stringContaining(reason) })
    expect((error as TaskError).message).toMatch(/\.$/)
  })

  it('of a module too large, before it is read', async () => {
    const large = new Uint8Array(8_388_609)
    const { store, reads } = blobsOf(large)
    const admitted = createAdmission(store, readJavaScriptEngine).admit(
      job({ task: { module: { sha256: hashOf(large) } } }),
      ID,
      '',
    )
    await expect(admitted).rejects.toMatchObject({ info: { code: 'bad_job', path: 'task.module' } })
    expect(reads).toEqual([])
  })
})
