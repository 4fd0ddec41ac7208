/** `2026-11-21T08:00:00.5+01:00`; without an offset, or as a mere date, it is of UTC. */
const TIME = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+\- ]\d\d:?\d\d)?)?$/

/** The moment that an ISO 8601 text names, to the millisecond; null when it names none. */
export function timeOf(text: string): Date | null {
  const found = TIME.exec(text)
  if (!found) return null
  const [, day = '', minute = '00:00', second = '00', fraction = '', zone = 'Z'] = found
  const offset = zone === 'Z' ? 'Z' : `${zone[0] === '-' ? '-' : '+'}${zone.slice(1, 3)}:${zone.slice(-2)}`
  const time = new Date(`${day}T${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`)
  return Number.isNaN(time.getTime()) ? null : time
}
