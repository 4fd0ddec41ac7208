import { expect, test } from 'vitest'
import { FrameSplitter } from '../../../../device/work/frame-splitter.ts'
import { seededRandom } from '../../../../protocol/random.ts'
import { pick } from '../../../support/mutate.ts'

const frame = (...bytes: number[]) => [0, 0, bytes.length >> 8, bytes.length & 255, ...bytes]

test('gives the same frames however the stream is cut', () => {
  const contents = [[], [1], [2, 3], Array.from({ length: 300 }, (_, index) => index & 255), [4]]
  const stream = Uint8Array.from(contents.flatMap(bytes => frame(...bytes)))
  for (let seed = 0; seed < 200; seed++) {
    const random = seededRandom(seed)
    const splitter = new FrameSplitter(300)
    const found: number[][] = []
    for (let at = 0; at < stream.length; ) {
      const end = at + 1 + pick(random, seed % 2 === 0 ? 3 : 200)
      for (const bytes of splitter.push(stream.subarray(at, end)) ?? []) found.push([...bytes])
      at = end
    }
    expect(found, `seed ${seed}`).toEqual(contents)
  }
})

test('refuses a frame over its bound as soon as the head says so', () => {
  expect(new FrameSplitter(2).push(Uint8Array.of(0, 0, 0, 3))).toBeNull()
  expect(new FrameSplitter(2).push(Uint8Array.of(255, 255, 255, 255, 0))).toBeNull()
  expect(new FrameSplitter(2).push(Uint8Array.from([...frame(1, 2), 0, 0]))).toEqual([Uint8Array.of(1, 2)])
})
