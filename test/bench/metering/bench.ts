/**
 * What metering costs: every kernel as its compiler made it against the same kernel metered, on the same engine, in one process, in turns.
 * Ratios are what counts; times depend on the machine and on what else it does.
 */
import { setFlagsFromString } from 'node:v8'
import { INLINING_FLAGS } from '../../../device/work/sandbox-command.ts'
import type { MeterShape } from '../../../protocol/metering/index.ts'
import { KERNELS, type Kernel, scriptKernel } from '../../support/kernels.ts'
import { type Bench, type Measured, target } from '../harness.ts'
import { rounded, type Summary } from '../statistics.ts'
import type { Workplace } from '../workplace.ts'
import { type Comparison, compare } from './compare.ts'
import { unitTimes } from './instances.ts'
import { rewritingSpeed } from './rewriting.ts'

const RATIO_MEAN_MAX = 1.12
const RATIO_WORST_MAX = 1.5
const REWRITING_MB_PER_SECOND = 20
const UNIT_MICROSECONDS_MAX = 60

const HOW = [
  `Both sides run on the engine as a device's sandbox starts it, ${INLINING_FLAGS.join(' ')}: V8 puts functions into their callers only up to a bound that depends on their size.`,
  'Each round runs both sides once, in an order left to chance, after both are warm; the ratio is the median of the rounds’ ratios, with its quartiles.',
  'The ratio of best is that of the fastest runs. The control is the unmetered module with small functions that nothing calls, for V8 inlines more where half are small.',
  'A reactor keeps its instance, a WASI command and a script get a new one for each run. Fuel is that of the instructions, in the first run of an instance.',
]

/** `npm run -s bench -- metering [KERNEL...]`. */
export const metering: Bench = {
  name: 'metering',
  summary: 'metered against unmetered WebAssembly over a set of kernels, rewriting, and a clean instance per unit',
  async measure(place, only) {
    const rows = measureKernels(place, only, ['fast'])
    const ratios = rows.map(({ comparison }) => comparison.ratio)
    place.say('rewriting and instances')
    const rewriting = rewritingSpeed([...KERNELS, scriptKernel()].map(kernel => kernel.bytes))
    const units = unitTimes()
    return {
      ours: {
        kernels: rows.map(({ kernel, comparison }) => row(kernel, comparison)),
        ratioGeometricMean: rounded(geometricMean(ratios)),
        ratioWorst: rounded(Math.max(...ratios)),
        ratioOfBestGeometricMean: rounded(geometricMean(rows.map(({ comparison }) => comparison.ratioOfBest))),
        ratioToControlGeometricMean: rounded(geometricMean(rows.map(({ comparison }) => comparison.ratioToControl))),
        sizeRatioGeometricMean: rounded(geometricMean(rows.map(({ comparison }) => comparison.sizeRatio))),
        rewritingMbPerSecond: roundedSummary(rewriting),
        unitMicroseconds: roundedSummary(units.reused),
        unitMicrosecondsWithNewInstances: roundedSummary(units.fresh),
      },
      peer: null,
      targets: [
        target('metered over unmetered, geometric mean', rounded(geometricMean(ratios)), 'lower', RATIO_MEAN_MAX),
        target('metered over unmetered, worst kernel', rounded(Math.max(...ratios)), 'lower', RATIO_WORST_MAX),
        target('MB of module rewritten per second', rounded(rewriting.median), 'higher', REWRITING_MB_PER_SECOND),
        target('µs for a unit of the no-op module', rounded(units.reused.median), 'lower', UNIT_MICROSECONDS_MAX),
      ],
      notes: HOW,
    }
  },
}

const SHAPES: readonly MeterShape[] = ['fast', 'exact', 'profile']

/** `npm run -s bench -- metering-shapes [KERNEL...]`. */
export const meteringShapes: Bench = {
  name: 'metering-shapes',
  summary: 'the kernels metered in each shape: fast, exact (its fuel can be read after any trap) and profile',
  async measure(place, only): Promise<Measured> {
    const rows = measureKernels(place, only, SHAPES)
    const mean = (shape: MeterShape) =>
      rounded(geometricMean(rows.filter(row => row.shape === shape).map(row => row.comparison.ratio)))
    return {
      ours: {
        kernels: rows.map(({ kernel, shape, comparison }) => ({ shape, ...row(kernel, comparison) })),
        ratioGeometricMean: Object.fromEntries(SHAPES.map(shape => [shape, mean(shape)])),
      },
      peer: null,
      targets: [],
      notes: HOW,
    }
  },
}

interface Row {
  readonly kernel: Kernel
  readonly shape: MeterShape
  readonly comparison: Comparison
}

function measureKernels(place: Workplace, only: readonly string[], shapes: readonly MeterShape[]): Row[] {
  for (const flag of INLINING_FLAGS) setFlagsFromString(flag)
  const chosen = [...KERNELS, scriptKernel()].filter(kernel => only.length === 0 || only.includes(kernel.name))
  if (chosen.length === 0) throw new Error(`There is no kernel '${only.join(' ')}'.`)
  return chosen.flatMap((kernel, at) => {
    place.say(`${at + 1} of ${chosen.length}: ${kernel.name}, ${kernel.language}`)
    const comparisons = compare(kernel, shapes)
    return shapes.flatMap((shape, place) => {
      const comparison = comparisons[place]
      return comparison === undefined ? [] : [{ kernel, shape, comparison }]
    })
  })
}

function row(kernel: Kernel, comparison: Comparison): Record<string, string | number> {
  const { ratio, ratioLow, ratioHigh, ratioOfBest, ratioToControl } = comparison
  const { unmeteredMs, meteredMs, fuel, gigafuelPerSecond, sizeRatio } = comparison
  return {
    kernel: kernel.name,
    language: kernel.language,
    unmeteredMs: rounded(unmeteredMs),
    meteredMs: rounded(meteredMs),
    ratio: rounded(ratio),
    ratioLow: rounded(ratioLow),
    ratioHigh: rounded(ratioHigh),
    ratioOfBest: rounded(ratioOfBest),
    ratioToControl: rounded(ratioToControl),
    fuel,
    gigafuelPerSecond: rounded(gigafuelPerSecond),
    sizeRatio: rounded(sizeRatio),
  }
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}

function roundedSummary({ median, min, max, rounds }: Summary): Summary {
  return { median: rounded(median), min: rounded(min), max: rounded(max), rounds }
}
