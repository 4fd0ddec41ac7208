/** The kernels that the metering bench measures are the algorithms they say, and are built of the sources beside them. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { toHex } from '../../protocol/bytes.ts'
import { inspectModule, meterModule } from '../../protocol/metering/index.ts'
import { buildAll, type Language, PREBUILT, SOURCES_FILE, sourcesHash } from '../bench/metering/kernels/build.ts'
import { hasClang } from '../bench/metering/kernels/compilers.ts'
import { withSmallFunctions } from '../bench/metering/padded.ts'
import { KernelHost } from '../support/kernel-host.ts'
import { KERNEL_PAGES_MAX, KERNELS, type Kernel, scriptKernel } from '../support/kernels.ts'
import { tempDirs } from '../support/temp-dir.ts'

const tempDir = tempDirs()
const withClang = hasClang()
if (!withClang) console.warn('SKIPPED: building the kernels in C, since there is no clang with wasi-libc here.')

const label = ({ name, language }: Kernel) => `${name} in ${language}`
const all: [string, Kernel][] = [...KERNELS, scriptKernel()].map(kernel => [label(kernel), kernel])
const outputOf = (name: string) => KERNELS.find(kernel => kernel.name === name)?.bench.output ?? new Uint8Array(0)

describe.each(all)('%s', (_, kernel) => {
  test('keeps to the profile', () => {
    expect(inspectModule(kernel.bytes).abi).toBe(kernel.abi)
  })

  test('gives its outputs, again and again', () => {
    const host = new KernelHost(kernel.bytes, kernel)
    for (const { input, output } of [kernel.test, kernel.bench, kernel.test]) {
      expect(toHex(host.run(input))).toBe(toHex(output))
    }
    expect(host.fuel).toBe(0)
  })

  test('gives the same metered, for some fuel', () => {
    const host = new KernelHost(meterModule(kernel.bytes, { memoryPagesMax: KERNEL_PAGES_MAX }), kernel)
    expect(toHex(host.run(kernel.test.input))).toBe(toHex(kernel.test.output))
    expect(host.fuel).toBeGreaterThan(10_000)
  })

  test('gives the same with functions that nothing calls', () => {
    const padded = withSmallFunctions(kernel.bytes)
    const host = new KernelHost(padded, kernel)
    expect(toHex(host.run(kernel.test.input))).toBe(toHex(kernel.test.output))
    expect(withSmallFunctions(padded)).toEqual(padded)
  })
})

describe('what the kernels compute', () => {
  /** The bytes that the kernels make up, from their own seeds. */
  const madeUp = (seed: number, length: number) => {
    let state = seed
    return Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return (state >>> 8) & 255
    })
  }

  test('is SHA-256', () => {
    const digest = createHash('sha256').update(madeUp(2, 600_000)).digest('hex')
    expect(toHex(outputOf('sha256'))).toBe(digest.slice(0, 16))
  })

  test('is CRC-32', () => {
    const bytes = madeUp(6, 500_000)
    const expected = [0, 1, 2, 3].reduce(before => crc32(bytes, before), 0)
    expect(Buffer.from(outputOf('crc32')).readUInt32LE()).toBe(expected)
  })

  test('is the Fibonacci sequence', () => {
    let [before, fibonacci] = [0, 1]
    for (let n = 1; n < 31; n++) [before, fibonacci] = [fibonacci, before + fibonacci]
    expect(Buffer.from(outputOf('fib')).readUInt32LE()).toBe(fibonacci)
  })

  test('is the same in both languages', () => {
    const names = (language: Kernel['language']) =>
      KERNELS.filter(kernel => kernel.language === language && kernel.abi === 'reactor').map(kernel => kernel.name)
    expect(names('C')).toEqual(names('AssemblyScript'))
    expect(names('C').length).toBeGreaterThanOrEqual(14)
  })
})

describe('the kernels that are kept', () => {
  const kept: Record<string, string> = JSON.parse(readFileSync(SOURCES_FILE, 'utf8'))
  const advice = 'Run node test/bench/metering/kernels/build.ts.'

  test.each(['as', 'c'] as const)('are of the sources in %s as they are', language => {
    expect(sourcesHash(language), advice).toBe(kept[language])
  })

  test('in AssemblyScript are what their sources compile to', async () => {
    const folder = tempDir()
    await buildAll('as', folder)
    for (const name of namesOf('as'))
      expect(fileIn(folder, name).equals(fileIn(join(PREBUILT, 'as'), name)), name).toBe(true)
  })

  // Another clang gives other bytes, which compute the same.
  test.skipIf(!withClang)('in C do what their sources compile to', async () => {
    const folder = tempDir()
    await buildAll('c', folder)
    for (const kernel of KERNELS.filter(({ language }) => language === 'C')) {
      const host = new KernelHost(new Uint8Array(fileIn(folder, kernel.name)), kernel)
      expect(toHex(host.run(kernel.test.input)), kernel.name).toBe(toHex(kernel.test.output))
    }
  })

  const namesOf = (language: Language) =>
    KERNELS.filter(kernel => kernel.language === (language === 'c' ? 'C' : 'AssemblyScript')).map(({ name }) => name)
  const fileIn = (folder: string, name: string) => readFileSync(join(folder, `${name}.wasm`))
})
