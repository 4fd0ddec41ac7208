/** Country, time zone, keyboard and language of a description. */
import { closest } from '../../../protocol/jobs/suggest.ts'
import { readForm, readLine, refuse } from './fields.ts'

/** Regions to Unicode, but no country with radio rules. */
const NO_COUNTRIES = ['EU', 'EZ', 'QO', 'UN', 'XA', 'XB', 'ZZ']

/** A country of ISO 3166-1, two capital letters. */
export function readCountry(value: unknown, path: string): string {
  const code = readForm(value, path, 2, /^[A-Z]{2}$/, "two capital letters such as 'DE' or 'GB'")
  const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' })
  // 'UK' has a name, but is another spelling of 'GB', which no radio driver knows.
  const usual = new Intl.Locale(`und-${code}`).region
  if (usual !== code) refuse(path, `is '${code}', which is not a country: did you mean '${usual}'?`)
  if (names.of(code) === undefined || NO_COUNTRIES.includes(code)) {
    refuse(path, `is '${code}', which is not a country: take the two letters of ISO 3166, such as 'DE' or 'GB'`)
  }
  return code
}

/** A zone of the tz database, spelt as its file is. */
export function readTimezone(value: unknown, path: string): string {
  const zone = readLine(value, path, 64)
  const known = [...Intl.supportedValuesOf('timeZone'), 'UTC', 'Etc/UTC']
  if (known.includes(zone) || isOlderName(zone)) return zone
  const near = known.find(name => name.toLowerCase() === zone.toLowerCase()) ?? closest(zone, known)
  const hint = near === null ? "take one such as 'Europe/Berlin' or 'UTC'" : `did you mean '${near}'?`
  refuse(path, `is '${zone}', which is not a time zone: ${hint}`)
}

/** Names such as `US/Pacific` and `Europe/Kiev` are still files everywhere. */
function isOlderName(zone: string): boolean {
  if (!/^[A-Z][A-Za-z]+(\/[A-Z][A-Za-z_-]+)+$/.test(zone)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

/** An X keyboard layout. */
export function readKeymap(value: unknown, path: string): string {
  return readForm(value, path, 16, /^[a-z]{2,8}$/, "a keyboard layout such as 'de', 'gb' or 'us'")
}

export function readLocale(value: unknown, path: string): string {
  return readForm(value, path, 32, /^(?:[a-z]{2,3}_[A-Z]{2}|C)\.UTF-8$/, "a language such as 'de_DE.UTF-8'")
}
