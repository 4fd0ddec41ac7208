import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { guardSocket } from '../../../../coordinator/broker/guard-socket.ts'

function setUp() {
  const stream = new PassThrough()
  const refused: string[] = []
  const judged: string[] = []
  const guard = { held: false, verdict: null as 'bad_flags' | null }
  guardSocket(stream, {
    holds: () => guard.held,
    judge: chunk => {
      judged.push(Buffer.from(chunk).toString())
      return guard.verdict
    },
    refuse: reason => void refused.push(reason),
  })
  return { stream, refused, judged, guard }
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

  test('lets the stream fill its buffer while it holds', () => {
    const { stream, judged, guard } = setUp()
    guard.held = true
    stream.write('abc')
    stream.read(0)
    expect(stream.readableLength).toBe(3)
    expect(judged).toEqual([])
  })
})
