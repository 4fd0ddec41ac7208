import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { guardSocket } from '../../../../coordinator/broker/guard-socket.ts'

function setUp() {
  const stream = new PassThrough()
  const refused: string[] = []
  const judged: string[] = []
  const guard = { held: false, verdict: null as 'bad_flags' | null }
  const { readOn } = guardSocket(stream, {
    holds: () => guard.held,
    judge: chunk => {
      judged.push(Buffer.from(chunk).toString())
      return guard.verdict
    },
    refuse: reason => void refused.push(reason),
  })
  return { stream, refused, judged, guard, readOn }
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise(resolve => setImmediate(resolve))
}

describe('a guarded socket', () => {
  test('gives what passes, as it came', () => {
    const { stream, judged } = setUp()
    stream.write('abc')
    expect(stream.read()?.toString()).toBe('abc')
    expect(stream.read()).toBeNull()
    expect(judged).toEqual(['abc'])
  })

  test('gives nothing of what is refused', () => {
    const { stream, refused, guard } = setUp()
    guard.verdict = 'bad_flags'
    stream.write('abc')
    expect(stream.read()).toBeNull()
    expect(refused).toEqual(['bad_flags'])
  })

  test('keeps what comes while it holds, unjudged, and gives it afterwards', () => {
    const { stream, judged, guard } = setUp()
    guard.held = true
    stream.write('abc')
    expect(stream.read()).toBeNull()
    expect(judged).toEqual([])
    guard.held = false
    expect(stream.read()?.toString()).toBe('abc')
  })

  test('tells its reader when that may read on', async () => {
    const { stream, guard, readOn } = setUp()
    const read: string[] = []
    stream.on('readable', () => read.push(`${stream.read()}`))
    guard.held = true
    stream.write('abc')
    await turns(3)
    guard.held = false
    expect(read).toEqual(['null'])
    readOn()
    expect(read).toEqual(['null', 'abc'])
    readOn()
    expect(read).toHaveLength(2)
  })

  test('gives a bounded piece in each turn of the event loop, and all of it in the end', async () => {
    const { stream, judged } = setUp()
    const bytes = Buffer.from(Array.from({ length: 80_000 }, (_, i) => i % 251))
    const read: Buffer[] = []
    stream.on('readable', () => {
      for (let piece = stream.read(); piece !== null; piece = stream.read()) read.push(piece as Buffer)
    })
    stream.write(bytes)
    await turns(10)
    expect(Buffer.concat(read).equals(bytes)).toBe(true)
    expect(read.map(piece => piece.length)).toEqual([32_768, 32_768, 14_464])
    expect(judged).toHaveLength(3)
  })

  test('lets the stream fill its buffer while it holds', () => {
    const { stream, judged, guard } = setUp()
    guard.held = true
    stream.write('abc')
    stream.read(0)
    expect(stream.readableLength).toBe(3)
    expect(judged).toEqual([])
  })
})
