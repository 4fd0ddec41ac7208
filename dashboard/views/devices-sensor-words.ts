/** What the region says of a device's sensors, which it tells among the reasons of the device. */
import type { SensorSummary } from '../../protocol/index.ts'
import { dateTime, sentence } from '../ui/format.ts'

/** One sensor's sentence. */
export interface SensorSaying {
  /** What it measures for, then of each quantity when it came last or why it is missing. A sentence each. */
  readonly says: readonly string[]
  /** Whether values are missing. */
  readonly isFaulty: boolean
}

/** The reasons that are about a device's sensors, by the sensor's id, and those that are not. */
export interface PartedReasons {
  readonly sensors: ReadonlyMap<string, SensorSaying>
  readonly others: readonly string[]
}

const ISO_TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g

/** Takes the sentences about known sensors out of the reasons of their device. */
export function partReasons(reasons: readonly string[], known: readonly SensorSummary[]): PartedReasons {
  const sensors = new Map<string, SensorSaying>()
  const others: string[] = []
  for (const reason of reasons) {
    const about = known.find(sensor => reason.startsWith(beginOf(sensor)))
    if (about === undefined) others.push(reason)
    else sensors.set(about.id, sayingOf(reason.slice(beginOf(about).length)))
  }
  return { sensors, others }
}

const beginOf = ({ id, model, channels }: SensorSummary): string =>
  `Sensor ${id} (${model}: ${channels.map(({ quantity }) => quantity).join(', ')}) `

function sayingOf(text: string): SensorSaying {
  const [task = '', ...quantities] = text.replaceAll(ISO_TIME, time => dateTime(Date.parse(time))).split('; ')
  return { says: [`It ${task}`, ...quantities].map(sentence), isFaulty: / is missing since /.test(text) }
}
