/** What is measured, in the words of people. */
import { QUANTITIES } from '../../protocol/readings/quantities.ts'

/** SenML units that people write otherwise. */
const UNITS: Readonly<Record<string, string>> = {
  Cel: '°C',
  '%RH': '%',
  'ug/m3': 'µg/m³',
  deg: '°',
  lat: '°',
  lon: '°',
  um: 'µm',
  Ohm: 'Ω',
  '/': '',
  count: '',
}

/** `Air temperature`; a quantity that the table lacks is its name. */
export function quantityLabel(quantity: string): string {
  return QUANTITIES.get(quantity)?.label ?? quantity
}

/** `°C`; empty for what has no unit. */
export function unitText(unit: string): string {
  return UNITS[unit] ?? unit
}

/** `23.11 °C`; a dash where there is none. */
export function valueText(value: string | null, unit: string): string {
  if (value === null) return '–'
  const shown = unitText(unit)
  return shown === '' ? value : `${value} ${shown}`
}
