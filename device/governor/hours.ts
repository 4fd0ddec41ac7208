/** Windows of the week, as owners write them: `22:00-06:00`, `mon-fri 08:00-16:30`, `sat,sun 00:00-24:00`. */
import type { LocalTime } from './readings.ts'
import { clockTime } from './words.ts'

/** Part of the week. One across midnight belongs to the day on which it begins. */
export interface HoursWindow {
  /** Minutes since the beginning of Sunday, 0..10 079. */
  readonly startMinute: number
  /** 1..1 440 */
  readonly minutes: number
}

const DAY_NAMES = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const DAY_MINUTES = 1_440
const WEEK_MINUTES = 7 * DAY_MINUTES
const WINDOW = /^(?:([a-z,\s-]+)\s+)?(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)$/

/** What a window must look like, for messages. */
export const HOURS_FORM = "hours such as '22:00-06:00' or 'mon-fri 08:00-16:30'"

/** The windows of one text, a window a day; null for a text of another form. */
export function parseHours(text: string): HoursWindow[] | null {
  const [, days, ...times] = WINDOW.exec(text.trim().toLowerCase()) ?? []
  const [hourFrom = NaN, minuteFrom = NaN, hourTo = NaN, minuteTo = NaN] = times.map(Number)
  const from = hourFrom * 60 + minuteFrom
  const to = hourTo * 60 + minuteTo
  if (!(from < DAY_MINUTES && to <= DAY_MINUTES && minuteFrom < 60 && minuteTo < 60) || from === to) return null
  const minutes = to > from ? to - from : to + DAY_MINUTES - from
  const on = days === undefined ? DAY_NAMES.map((_, day) => day) : parseDays(days)
  return on?.map(day => ({ startMinute: day * DAY_MINUTES + from, minutes })) ?? null
}

/** `mon-fri` or `sat,sun` as numbers of days; a range may run over the end of the week. */
function parseDays(text: string): number[] | null {
  const found: number[] = []
  for (const part of text.split(',')) {
    const [first = -1, last = first, ...more] = part.split('-').map(dayOf)
    if (first < 0 || last < 0 || more.length > 0) return null
    for (let day = first; ; day = (day + 1) % 7) {
      found.push(day)
      if (day === last) break
    }
  }
  return found
}

/** `mon` and `monday` alike; -1 for another word. */
function dayOf(word: string): number {
  const name = word.trim()
  return DAY_NAMES.findIndex(day => [day.toLowerCase(), day.slice(0, 3).toLowerCase()].includes(name))
}

/** Whether a moment is in one of the windows. */
export function isWithin(windows: readonly HoursWindow[], now: LocalTime): boolean {
  return windows.some(
    ({ startMinute, minutes }) => (minuteOf(now) - startMinute + WEEK_MINUTES) % WEEK_MINUTES < minutes,
  )
}

/** When the next window begins, in words: `at 22:00`, or `on Monday at 08:00`. */
export function nextStart(windows: readonly HoursWindow[], now: LocalTime): string {
  const next = windows.reduce((best, window) =>
    minutesUntil(now, window.startMinute) < minutesUntil(now, best.startMinute) ? window : best,
  )
  const day = Math.floor(next.startMinute / DAY_MINUTES)
  const time = clockTime(next.startMinute % DAY_MINUTES)
  const isToday = now.minute + minutesUntil(now, next.startMinute) < DAY_MINUTES
  return isToday ? `at ${time}` : `on ${DAY_NAMES[day]} at ${time}`
}

function minutesUntil(now: LocalTime, startMinute: number): number {
  return (startMinute - minuteOf(now) + WEEK_MINUTES) % WEEK_MINUTES
}

function minuteOf({ weekday, minute }: LocalTime): number {
  return weekday * DAY_MINUTES + minute
}
