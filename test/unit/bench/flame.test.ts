import { expect, test } from 'vitest'
import { byFunction, byRoom, foldProfile } from '../../bench/flame.ts'
import { flameSvg } from '../../bench/flame-svg.ts'

const frame = (functionName: string, url = '') => ({ functionName, url })

/** Samples a millisecond apart: commit, commit in SQLite's hands, GC, waiting, commit, and one outside of what is measured. */
const PROFILE = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 5, 6] },
    { id: 2, callFrame: frame('step', 'file:///somewhere/private/coordinator/region.ts'), children: [3] },
    {
      id: 3,
      callFrame: frame('commit', 'file:///somewhere/private/coordinator/store/sqlite-writer.ts'),
      children: [4],
    },
    { id: 4, callFrame: frame('run <&>') },
    { id: 5, callFrame: frame('(garbage collector)') },
    { id: 6, callFrame: frame('(idle)') },
  ],
  startTime: 1_000,
  samples: [3, 4, 5, 6, 2, 2],
  timeDeltas: [0, 1_000, 1_000, 1_000, 1_000, 1_000],
}

test('counts the time of native code for the room that called it, and waiting for nobody', () => {
  const flame = foldProfile(PROFILE, [[1_000, 6_000]])
  expect(flame.idleUs).toBe(1_000)
  expect(flame.root.us).toBe(4_000)
  expect(byRoom(flame)).toEqual([
    ['coordinator/store', 50],
    ['coordinator', 25],
    ['garbage collector', 25],
  ])
  expect(byFunction(flame).map(([name]) => name)).toContain('commit coordinator/store/sqlite-writer.ts')
})

test('leaves out what was sampled at another time', () => {
  expect(foldProfile(PROFILE, [[1_000, 2_000]]).root.us).toBe(1_000)
  expect(foldProfile(PROFILE, []).root.us).toBe(0)
})

test('draws every function with its share in its title, and names no folder of the machine', () => {
  const svg = flameSvg([{ title: 'one & two', flame: foldProfile(PROFILE, [[1_000, 6_000]]) }])
  expect(svg).toContain('<title>step coordinator/region.ts: 75.0 % (coordinator)</title>')
  expect(svg).toContain('<title>run &lt;&amp;&gt;: 25.0 % (coordinator/store)</title>')
  expect(svg).toContain('one &amp; two')
  expect(svg).not.toContain('private')
})
