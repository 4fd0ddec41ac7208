import { describe, expect, it } from 'vitest'
import { SharedFetches } from '../../../../device/blobs/shared-fetches.ts'
import { settle } from '../../../support/virtual-clock.ts'

function world() {
  const fetches = new SharedFetches<string>()
  const begun: { signal: AbortSignal; resolve(value: string): void; reject(error: Error): void }[] = []
  const get = (key: string, signal?: AbortSignal) =>
    fetches.get(
      key,
      shared =>
        new Promise((resolve, reject) => {
          begun.push({ signal: shared, resolve, reject })
          shared.addEventListener('abort', () => reject(new Error('aborted')))
        }),
      signal,
    )
  return { get, begun }
}

describe('SharedFetches', () => {
  it('fetches once for all who want the same at the same time', async () => {
    const { get, begun } = world()
    const both = Promise.all([get('a'), get('a')])
    begun[0]?.resolve('content')
    expect(await both).toEqual(['content', 'content'])
    expect(begun).toHaveLength(1)
    get('a').catch(() => undefined)
    expect(begun).toHaveLength(2)
  })

  it('lets one leave without disturbing the others, and stops with the last', async () => {
    const { get, begun } = world()
    const [one, two] = [new AbortController(), new AbortController()]
    const first = get('a', one.signal)
    const second = get('a', two.signal)
    one.abort()
    await expect(first).rejects.toMatchObject({ code: 'cancelled' })
    expect(begun[0]?.signal.aborted).toBe(false)
    two.abort()
    await expect(second).rejects.toMatchObject({ code: 'cancelled' })
    expect(begun[0]?.signal.aborted).toBe(true)
  })

  it('begins anew after everybody has left', async () => {
    const { get, begun } = world()
    await expect(get('a', AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' })
    const again = get('a')
    await settle()
    begun[1]?.resolve('content')
    expect(await again).toBe('content')
  })

  it('passes a failure on to all', async () => {
    const { get, begun } = world()
    const both = Promise.allSettled([get('a'), get('a')])
    begun[0]?.reject(new Error('no'))
    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })
})
