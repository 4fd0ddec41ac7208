/** Readings as lines of CSV (RFC 4180), one reading a line, for spreadsheets and data frames. */
import { valueText } from './exact.ts'

/** One reading, as a line says it. */
export interface CsvReading {
  readonly atMs: number
  readonly device: string
  readonly sensor: string
  readonly model: string
  readonly quantity: string
  readonly unit: string
  readonly exponent: number
  /** NaN when there is no value. */
  readonly scaled: number
  /** Such as `accepted`, or the codes of what is wrong joined by `+`; empty when it was not judged. */
  readonly verdict: string
}

/** The names of the columns, as the first line. */
export const CSV_HEADER = 'time,device,sensor,model,quantity,unit,value,verdict\r\n'

/**
 * One line with its end. The time is ISO 8601 in UTC with milliseconds, the value has the digits of its resolution and is
 * empty where there is none.
 */
export function csvLine(reading: CsvReading): string {
  const { device, sensor, model, quantity, unit, exponent, scaled, verdict } = reading
  const time = new Date(reading.atMs).toISOString()
  const value = Number.isNaN(scaled) ? '' : valueText(scaled, exponent)
  return `${[time, device, sensor, model, quantity, unit, value, verdict].map(csvField).join(',')}\r\n`
}

/**
 * A field as RFC 4180 §2 writes it: quoted when it holds a comma, a quote or a line break. A text that a spreadsheet would run as a formula
 * gets an apostrophe first, since models and verdicts come from others; a number never does.
 */
function csvField(text: string): string {
  const harmless = /^[=+@\t\r-]/.test(text) && !/^-?[\d.]+$/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
