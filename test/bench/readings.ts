/**
 * Readings as frames: bytes a reading and readings a second, beside SenML, Sparkplug B and plain JSON of the same data. One process, no
 * network. Ours carries its Ed25519 signature, the others carry none.
 */
import type { ReadingFrame } from '../../protocol/index.ts'
import { type Bench, type Measured, target } from './harness.ts'
import { type Data, framesOf, recorded, WALK_NOTE, walked } from './readings/data.ts'
import { FORMATS, type Format } from './readings/formats.ts'
import { rounded, summarize } from './statistics.ts'
import type { Workplace } from './workplace.ts'

const MINUTES = 6_000
const ROUNDS = 5
const ROUND_MS = 300
/** The longest frame there can be, on which the speed of packing shows and not that of everything around it. */
const LARGE_READINGS = 4_096

/** Frames of one kind: some of the data, cut into so many readings a channel. */
interface Shape {
  readonly name: string
  readonly data: readonly Data[]
  readonly count: number
}

type Sizes = Readonly<Record<Format['name'], number>>

export const readings: Bench = {
  name: 'readings',
  summary: 'bytes a reading and readings a second, beside SenML, Sparkplug B and plain JSON of the same data',
  measure: async place => measure(place),
}

function measure(place: Workplace): Measured {
  const station = walked(6, MINUTES)
  const five = walked(5, MINUTES)
  const shapes: readonly Shape[] = [
    { name: 'walk 6 x 1', data: [station], count: 1 },
    { name: 'walk 6 x 15', data: [station], count: 15 },
    { name: 'walk 6 x 60', data: [station], count: 60 },
    { name: 'walk 5 x 60', data: [five], count: 60 },
    { name: 'walk 6 x 15, twice as rough', data: [walked(6, MINUTES, 2)], count: 15 },
    { name: 'walk 5 x 60, twice as rough', data: [walked(5, MINUTES, 2)], count: 60 },
    { name: 'recordings 2 x 15', data: recorded(), count: 15 },
    { name: 'recordings 2 x 60', data: recorded(), count: 60 },
  ]
  place.say('sizes')
  const sizes = new Map(shapes.map(shape => [shape.name, sizesOf(shape)]))
  const speeds = speedsOf(station, place)
  const [ours] = speeds
  const large = FORMATS.slice(0, 1).map(format => bestOf(format, station, LARGE_READINGS, place))[0]
  const bytesAt = (shape: string) => sizes.get(shape)?.hedgerow ?? null
  return {
    ours: {
      bytesPerReading: [...sizes].map(([frames, bytes]) => ({ frames, ...bytes })),
      readingsPerSecond: [...speeds, { format: `hedgerow, ${LARGE_READINGS} readings a channel`, ...large }],
    },
    peer: Object.fromEntries(
      FORMATS.slice(1).map(({ name }, i) => [
        name,
        {
          timesOurBytes: timesOurs(sizes.get('walk 6 x 15'), name),
          timesOurEncoding: rounded((ours?.encode ?? Number.NaN) / (speeds[i + 1]?.encode ?? Number.NaN)),
          timesOurDecoding: rounded((ours?.decode ?? Number.NaN) / (speeds[i + 1]?.decode ?? Number.NaN)),
        },
      ]),
    ),
    targets: [
      target('bytes a reading, signed, 6 channels x 15', bytesAt('walk 6 x 15'), 'lower', 1.9),
      target('bytes a reading, signed, 5 channels x 60', bytesAt('walk 5 x 60'), 'lower', 1.2),
      target('readings encoded a second', large?.encode ?? null, 'higher', 2_000_000),
      target('readings decoded a second', large?.decode ?? null, 'higher', 2_000_000),
    ],
    notes: [
      WALK_NOTE,
      'Recordings: four TelosB motes, temperature and humidity in hundredths every 5 s (Suthaharan et al. 2010).',
      'Bytes are means over all frames of the data, without MQTT. Ours are whole frames with COSE, signature, profile id, session and number; the others are not signed.',
      `Speeds are the best of ${ROUNDS} rounds, frames of 6 channels x 60 where nothing else is said, without signing; our reading checks every byte.`,
    ],
  }
}

/** Mean bytes a reading in each format. */
function sizesOf({ data, count }: Shape): Sizes {
  const means = FORMATS.map(({ name, encode, message }): [Format['name'], number] => {
    let bytes = 0
    let values = 0
    for (const { profile, columns } of data) {
      for (const frame of framesOf({ profile, columns }, count)) {
        bytes += message(encode(frame, profile)).length
        values += columns.length * count
      }
    }
    return [name, rounded(bytes / values)]
  })
  return Object.fromEntries(means) as Sizes
}

interface Speed {
  readonly encode: number
  readonly decode: number
}

function speedsOf(data: Data, place: Workplace): ({ readonly format: string } & Speed)[] {
  return FORMATS.map(format => ({ format: format.name, ...bestOf(format, data, 60, place) }))
}

/** Readings a second, the best of all rounds but the first, which warms up. */
function bestOf(format: Format, data: Data, count: number, place: Workplace): Speed {
  place.say(`${format.name}, ${count} readings a channel`)
  const { profile } = data
  const frames = framesOf(data, count).slice(0, 20)
  const encoded = frames.map(frame => format.encode(frame, profile))
  const perFrame = data.columns.length * count
  const decodeChecked = (bytes: Uint8Array): void => {
    if (format.decode(bytes, profile) !== perFrame)
      throw new Error(`The ${format.name} frame does not hold its readings.`)
  }
  const encodes = () => rate(frames, (frame: ReadingFrame) => format.encode(frame, profile)) * perFrame
  const decodes = () => rate(encoded, decodeChecked) * perFrame
  const rounds = Array.from({ length: ROUNDS + 1 }, () => ({ encode: encodes(), decode: decodes() })).slice(1)
  const best = (rates: readonly number[]) => rounded(summarize(rates).max)
  return { encode: best(rounds.map(({ encode }) => encode)), decode: best(rounds.map(({ decode }) => decode)) }
}

/** Times a second that `run` takes one of the items, all of them in turn. */
function rate<T>(items: readonly T[], run: (item: T) => unknown): number {
  const startMs = performance.now()
  for (let times = 0; ; ) {
    for (const item of items) run(item)
    times += items.length
    const tookMs = performance.now() - startMs
    if (tookMs >= ROUND_MS) return (times * 1_000) / tookMs
  }
}

function timesOurs(sizes: Sizes | undefined, name: Format['name']): number | null {
  return sizes === undefined ? null : rounded(sizes[name] / sizes.hedgerow)
}
