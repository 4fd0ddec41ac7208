/**
 * The rules of each quantity where a campaign says nothing else, in the quantity's unit. Every constant and its source stands in
 * spec/quality.md; the ones without a source are our choice and said to be.
 */
import { QUANTITIES } from '../readings/index.ts'
import type { QualityRules } from './types.ts'

/** No checks but for missing values. */
export const NO_RULES: QualityRules = {
  range: null,
  jump: null,
  constant: null,
  twin: null,
  buddy: null,
  spatial: null,
}

/** Bounds of a value alone. */
const between = (min: number, max: number, more: Partial<QualityRules> = {}): QualityRules => ({
  ...NO_RULES,
  range: { min, max, maxPerSecond: null },
  ...more,
})

const flat = (
  minutes: number,
  exempt: { above?: number; below?: number } = {},
): Pick<NonNullable<QualityRules['constant']>, 'minutes' | 'tolerance' | 'exemptAbove' | 'exemptBelow'> => ({
  minutes,
  tolerance: 0,
  exemptAbove: exempt.above ?? null,
  exemptBelow: exempt.below ?? null,
})

/** titanlib's example reach for height, five robust deviations, and at least three and five neighbours. */
const among = (radiusM: number, perMetre: number, spreadMin: number): Pick<QualityRules, 'buddy' | 'spatial'> => ({
  buddy: { radiusM, neighboursMin: 3, elevationDifferenceMaxM: 200, perMetre, threshold: 5, spreadMin },
  spatial: { radiusM: radiusM * 2, neighboursMin: 5, perMetre, threshold: 5, spreadMin },
})

/** Fine dust comes in puffs, so it has no jump check; clean air may read the same for hours. */
const dust = (twinAbsolute: number, spreadMin: number): QualityRules =>
  between(0, 1_000, {
    constant: flat(240, { below: 5 }),
    twin: { absolute: twinAbsolute, ratio: 0.7 },
    ...among(5_000, 0, spreadMin),
  })

const particles = between(0, 65_535)

const rules: Readonly<Record<string, QualityRules>> = {
  temperature: between(-40, 60, {
    jump: { perMinute: 3, max: 15 },
    constant: flat(240),
    twin: { absolute: 3, ratio: 0 },
    ...among(10_000, -0.0065, 0.8),
  }),
  humidity: between(1, 100, {
    jump: { perMinute: 10, max: 80 },
    constant: flat(360, { above: 95 }),
    twin: { absolute: 15, ratio: 0 },
    ...among(10_000, 0, 6),
  }),
  pressure: between(30_000, 110_000, {
    jump: { perMinute: 80, max: 1_500 },
    constant: flat(120),
    twin: { absolute: 300, ratio: 0 },
    ...among(50_000, -12, 100),
  }),
  pm1: dust(5, 5),
  'pm2.5': dust(5, 5),
  pm4: dust(5, 5),
  pm10: dust(10, 10),
  co2: between(300, 10_000, {
    jump: { perMinute: 1_000, max: 5_000 },
    constant: flat(240, { below: 420 }),
    twin: { absolute: 150, ratio: 0.3 },
  }),
  light: between(0, 400_000, {
    jump: { perMinute: 97_600, max: 146_400 },
    constant: flat(120, { below: 0 }),
  }),
  noise: between(0, 140, { constant: flat(120, { below: 35 }), twin: { absolute: 10, ratio: 0 } }),
  rain: { ...NO_RULES, range: { min: 0, max: 305, maxPerSecond: 0.254 } },
  'wind-speed': between(0, 50, { jump: { perMinute: 10, max: 15 }, constant: flat(360, { below: 0 }) }),
  'wind-direction': between(0, 360, { constant: flat(1_440) }),
  'soc-temperature': between(-40, 125),
  voltage: between(-1_000, 1_000),
  current: between(-1_000, 1_000),
  power: between(-1_000_000, 1_000_000),
  'power-factor': between(-1, 1),
  'energy-import': between(0, 1_000_000_000),
  'energy-export': between(0, 1_000_000_000),
  'energy-total': between(0, 1_000_000_000),
  frequency: between(0, 1_000),
  latitude: between(-90, 90),
  longitude: between(-180, 180),
  altitude: between(-500, 9_000),
  satellites: between(0, 255),
  hdop: between(0, 100),
  'particle-size': between(0, 10),
  'particles-0.3': particles,
  'particles-0.5': particles,
  formaldehyde: between(0, 2_000, { constant: flat(240, { below: 10 }) }),
  'soil-moisture': between(0, 100),
  resistance: between(0, 1_000_000_000),
  level: NO_RULES,
  count: between(0, 1_000_000_000),
}

/** The rules of every quantity of {@link QUANTITIES}. */
export const DEFAULT_RULES: ReadonlyMap<string, QualityRules> = new Map(
  [...QUANTITIES.keys()].map(name => [name, rules[name] ?? NO_RULES]),
)
