import { describe, expect, it } from 'vitest'
import { isWithin, nextStart, parseHours } from '../../../../device/governor/hours.ts'
import { localTime } from '../../../../device/governor/local-time.ts'
import type { LocalTime } from '../../../../device/governor/readings.ts'

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** `tue 22:30` as a place in the week. */
function at(text: string): LocalTime {
  const [, day = '', hour, minute] = /^(\w+) (\d+):(\d+)$/.exec(text) ?? []
  return { weekday: DAYS.indexOf(day), minute: Number(hour) * 60 + Number(minute) }
}

const windowsOf = (...texts: string[]) => texts.flatMap(text => parseHours(text) ?? [])

describe('isWithin', () => {
  it.each([
    ['22:00-06:00', 'tue 22:00', true],
    ['22:00-06:00', 'wed 05:59', true],
    ['22:00-06:00', 'wed 06:00', false],
    ['22:00-06:00', 'wed 21:59', false],
    ['mon-fri 08:00-16:30', 'fri 16:29', true],
    ['mon-fri 08:00-16:30', 'sat 09:00', false],
    ['sat,sun 00:00-24:00', 'sun 23:59', true],
    ['sat,sun 00:00-24:00', 'mon 00:00', false],
    // A night belongs to the day on which it begins, over the end of the week too.
    ['sat 20:00-04:00', 'sun 03:59', true],
    ['sat 20:00-04:00', 'sat 03:59', false],
    ['fri-mon 12:00-13:00', 'sun 12:30', true],
    ['fri-mon 12:00-13:00', 'tue 12:30', false],
    ['Monday 9:00-10:00', 'mon 09:30', true],
  ])('%s at %s: %s', (hours, moment, within) => {
    expect(isWithin(windowsOf(hours), at(moment))).toBe(within)
  })

  it('is true for no moment without windows', () => {
    expect(isWithin([], at('mon 12:00'))).toBe(false)
  })
})

it.each([
  [['22:00-06:00'], 'tue 12:00', 'at 22:00'],
  [['mon-fri 08:00-16:30'], 'mon 17:00', 'on Tuesday at 08:00'],
  [['mon-fri 08:00-16:30'], 'fri 17:00', 'on Monday at 08:00'],
  [['sat 20:00-04:00', 'wed 01:00-02:00'], 'tue 23:00', 'on Wednesday at 01:00'],
  [['sat 20:00-04:00'], 'sun 05:00', 'on Saturday at 20:00'],
])('after %j the next window at %s begins %s', (hours, moment, words) => {
  expect(nextStart(windowsOf(...hours), at(moment))).toBe(words)
})

it.each([
  '',
  '22-06',
  '25:00-06:00',
  '22:60-06:00',
  '08:00-08:00',
  '24:00-06:00',
  'someday 08:00-09:00',
  'mon-tue-wed 08:00-09:00',
])('refuses %j', text => {
  expect(parseHours(text)).toBeNull()
})

describe('localTime', () => {
  it('is the time of this machine’s zone', () => {
    const date = new Date(2026, 8, 26, 6, 40)
    expect(localTime(date.getTime())).toEqual({ weekday: 6, minute: 400 })
  })

  it('is nothing while the clock is not set', () => {
    expect(localTime(0)).toBeNull()
    expect(localTime(Date.UTC(2022, 11, 31))).toBeNull()
  })
})
