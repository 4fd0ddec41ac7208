/** Where a condition's value comes from: a file that is looked into, or a topic that is listened to. */
import { readFileSync, statSync } from 'node:fs'
import { type Clock, messageOf } from '../../protocol/index.ts'
import type { ConditionPolicy, TopicAddress } from './condition-policy.ts'
import type { ConditionReading } from './readings.ts'

/** Gives a condition's value at any time. */
export interface ConditionSource {
  read(): ConditionReading
  close(): void
}

/** What hears of a topic. */
export interface TopicHandlers {
  message(payload: Uint8Array): void
  /** The broker cannot be heard, until the next message; why, as a sentence. */
  lost(reason: string): void
}

/** Listens to one topic, again and again after it was lost. @returns ends it */
export type OpenTopic = (address: TopicAddress, handlers: TopicHandlers) => () => void

/** A sensible value is a few characters, a sensible document a few hundred. */
const BYTES_MAX = 65_536
const TEXT_MAX = 1_024

/** A file, read anew each time; its age is the time since it was written. */
export function fileSource(clock: Clock, { field }: ConditionPolicy, path: string): ConditionSource {
  return {
    read() {
      try {
        const { mtimeMs, size } = statSync(path)
        if (size > BYTES_MAX) return unknown(`${path} has more than ${BYTES_MAX} bytes`)
        return found(readFileSync(path), field, Math.max(0, clock.wallMs() - mtimeMs))
      } catch (thrown) {
        return unknown(
          (thrown as { code?: string }).code === 'ENOENT' ? `there is no file ${path}` : asClause(messageOf(thrown)),
        )
      }
    },
    close: () => {},
  }
}

/** A topic; its value is that of the newest message, and its age the time since that came. */
export function topicSource(
  clock: Clock,
  { field }: ConditionPolicy,
  address: TopicAddress,
  openTopic: OpenTopic,
): ConditionSource {
  let last: { readonly reading: ConditionReading; readonly atMs: number } | null = null
  let fault = `nothing has come on ${address.topic} yet`
  const close = openTopic(address, {
    message: payload => {
      const reading = payload.length > BYTES_MAX ? unknown('its message is too long') : found(payload, field, 0)
      last = { reading, atMs: clock.monotonicMs() }
    },
    lost: reason => {
      fault = asClause(reason)
    },
  })
  return {
    // What was heard before the broker was lost still stands; how long is for `maxAge` to say.
    read: () => {
      if (last === null) return unknown(fault)
      const { reading, atMs } = last
      return reading.text === null ? reading : { ...reading, ageMs: clock.monotonicMs() - atMs }
    },
    close,
  }
}

/** @param path - where the value is in JSON; left out, the text itself is the value */
function found(content: Uint8Array, path: string | undefined, ageMs: number): ConditionReading {
  const text = new TextDecoder().decode(content).trim()
  if (path === undefined)
    return text === '' ? unknown('it is empty') : { text: text.slice(0, TEXT_MAX), ageMs, fault: '' }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return unknown('it is not JSON')
  }
  for (const name of path.split('.')) {
    const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    value = isObject ? (value as Record<string, unknown>)[name] : undefined
  }
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return isPlain
    ? { text: String(value).slice(0, TEXT_MAX), ageMs, fault: '' }
    : unknown(`it has no value at '${path}'`)
}

function unknown(fault: string): ConditionReading {
  return { text: null, ageMs: null, fault }
}

/** A sentence as a part of another. */
function asClause(sentence: string): string {
  return sentence.replace(/\.$/, '').replace(/^The /, 'the ')
}
