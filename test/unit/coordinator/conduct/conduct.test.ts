import { describe, expect, test } from 'vitest'
import { Conduct, type Offence } from '../../../../coordinator/conduct/index.ts'
import { deviceId } from '../../../../protocol/index.ts'

const EVE = deviceId('a'.repeat(26))
const ANN = deviceId('b'.repeat(26))

function world(kept: string | null = null, wallMs = 1_000_000) {
  const keeps: string[] = []
  const kicked: string[] = []
  const counted: string[] = []
  const clock = { nowMs: 5_000 }
  const conduct = new Conduct(
    {
      monotonicMs: () => clock.nowMs,
      count: reason => counted.push(reason),
      kick: (device, reason) => kicked.push(`${device === EVE ? 'eve' : 'ann'} ${reason}`),
      wallMs: () => wallMs + clock.nowMs,
      keep: text => keeps.push(text),
    },
    kept,
  )
  const charge = (offence: Offence, times: number) => {
    for (let i = 0; i < times; i++) conduct.charge(EVE, offence)
  }
  return { conduct, kicked, counted, clock, charge, kept: () => keeps.at(-1) ?? null }
}

describe('conduct', () => {
  test.each<[Offence, allowed: number]>([
    ['garbage', 100],
    ['excess', 2_000],
    ['late', 2_000],
    ['connect', 40],
  ])('allows a burst of %s, and shuts out whoever goes on', (offence, allowed) => {
    const { conduct, kicked, counted, charge } = world()
    charge(offence, allowed)
    expect([kicked, conduct.shutOut(EVE), conduct.reasonsOf(EVE)]).toEqual([[], null, []])
    charge(offence, 1)
    expect([kicked, counted]).toEqual([[`eve shut_out:${offence}`], [`shut_out:${offence}`]])
    expect(conduct.shutOut(EVE)?.leftMs).toBe(10_000)
    expect(conduct.reasonsOf(EVE)[0]).toMatch(/^It is shut out for 10 s more, once lately: it .+\.$/)
    expect([conduct.shutOut(ANN), conduct.reasonsOf(ANN)]).toEqual([null, []])
  })

  test('tells an operator what was wrong with the frames of a device, long before it is shut out', () => {
    const { conduct } = world()
    conduct.charge(EVE, 'connect')
    expect(conduct.reasonsOf(EVE)).toEqual([])
    conduct.charge(EVE, 'garbage', 'bad_cbor')
    expect(conduct.reasonsOf(EVE)).toEqual(['One of its messages was of no use: bad_cbor.'])
    conduct.charge(EVE, 'late', 'lease_late')
    expect(conduct.reasonsOf(EVE)).toEqual(['2 of its messages were of no use, the last one: lease_late.'])
  })

  test('keeps who is shut out over a restart, how often, and why, but not the points', () => {
    const before = world()
    before.charge('garbage', 101)
    before.clock.nowMs += 10_000
    before.charge('connect', 41)
    expect(before.conduct.shutOut(EVE)?.leftMs).toBe(20_000)
    // The next start counts its time from another moment, 4 s later.
    const after = world(before.kept(), 1_000_000 + 10_000 + 4_000)
    expect(after.conduct.shutOut(EVE)).toMatchObject({ leftMs: 16_000, because: 'connected again and again' })
    expect([after.conduct.shutOut(ANN), after.kicked]).toEqual([null, []])
    after.clock.nowMs += 16_000
    expect(after.conduct.shutOut(EVE)).toBeNull()
    after.charge('garbage', 101)
    expect(after.conduct.shutOut(EVE)?.leftMs).toBe(40_000)
    // Time forgives while nobody is at home, too.
    const late = world(before.kept(), 1_000_000 + 86_400_000)
    expect([late.conduct.shutOut(EVE), late.conduct.reasonsOf(EVE)]).toEqual([null, []])
    // A clock that was set back shuts nobody out for longer than the longest time.
    expect(world(before.kept(), 0).conduct.shutOut(EVE)?.leftMs).toBeLessThanOrEqual(3_600_000)
  })

  test.each([
    'x',
    '{}',
    '[1]',
    '[["x",1,5,"garbage"]]',
    `[["${EVE}",0,5,"garbage"]]`,
    `[["${EVE}",1,5,"toString"]]`,
    `[["${EVE}",1,"5","late"]]`,
  ])('begins anew where %s was kept', text => {
    expect(world(text).conduct.reasonsOf(EVE)).toEqual([])
  })

  test('does not count what was on its way when somebody was shut out', () => {
    const { kicked, charge } = world()
    charge('garbage', 500)
    expect(kicked).toHaveLength(1)
  })

  test('lets it in again after a while, which doubles each time up to an hour', () => {
    const { conduct, clock, charge } = world()
    const times: number[] = []
    for (let i = 0; i < 11; i++) {
      charge('garbage', 101)
      const leftMs = conduct.shutOut(EVE)?.leftMs ?? 0
      times.push(leftMs / 1_000)
      clock.nowMs += leftMs
      expect(conduct.shutOut(EVE)).toBeNull()
    }
    expect(times).toEqual([10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600])
    expect(conduct.reasonsOf(EVE)).toEqual([
      'It was shut out 11 times lately: it sent frames that cannot be read or are not signed by it.',
    ])
  })

  test('forgives with time', () => {
    const { conduct, clock, charge } = world()
    charge('garbage', 101)
    clock.nowMs += 10_000
    charge('garbage', 101)
    clock.nowMs += 20_000 + 600_000
    charge('garbage', 101)
    expect(conduct.shutOut(EVE)?.leftMs).toBe(20_000)
    clock.nowMs += 20_000 + 3_600_000
    charge('garbage', 101)
    expect(conduct.shutOut(EVE)?.leftMs).toBe(10_000)
    clock.nowMs += 10_000
    expect(conduct.reasonsOf(EVE)).toHaveLength(1)
    clock.nowMs += 600_000
    expect(conduct.reasonsOf(EVE)).toEqual([])
  })

  test('bears a steady rate for ever', () => {
    const { kicked, clock, charge } = world()
    for (let second = 0; second < 1_000; second++) {
      charge('late', 200)
      clock.nowMs += 1_000
    }
    expect(kicked).toEqual([])
  })

  test('remembers a bounded number of devices', () => {
    const { conduct, charge } = world()
    charge('garbage', 101)
    expect(conduct.reasonsOf(EVE)).toHaveLength(1)
    // Ids are bits in letters; the last letter holds two bits only.
    const idOf = (i: number) =>
      deviceId(`${i.toString(2).padStart(25, '0').replaceAll('0', 'c').replaceAll('1', 'd')}a`)
    for (let i = 0; i < 20_000; i++) conduct.charge(idOf(i), 'late')
    expect(conduct.reasonsOf(EVE)).toEqual([])
  })
})
