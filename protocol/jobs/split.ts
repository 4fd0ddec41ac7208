/** A job's units: how many, how a device cuts a run of them, and what the coordinator sends along for a run. */
import { utf8 } from '../bytes.ts'
import { byteStringBytes, encodeSequence } from '../cbor/index.ts'
import { assert } from '../errors.ts'
import type { Cut } from '../messages/lease.ts'
import type { BlobCut, BlobIndex } from './blob-index.ts'
import { Grid } from './grid.ts'
import { itemOffsets } from './items.ts'
import { rangeUnits } from './range.ts'
import type { Source } from './source.ts'
import type { BlobSplit, SplitSpec } from './split-spec.ts'

/** What travels for a run of units: nothing, bytes in the message, or a part of the job's blob. */
export type SplitInput =
  | null
  | { readonly kind: 'inline'; readonly bytes: Uint8Array }
  | { readonly kind: 'range'; readonly offset: number; readonly length: number }

/**
 * The units of a job, numbered 0..units-1. The plan follows from the split (and the blob) alone, so any coordinator
 * computes the same one, and what a unit reads does not depend on the run it is leased in.
 */
export interface SplitPlan {
  readonly units: number
  readonly cut: Cut
  /** The input of the `count` units from `first`, to be given to `cutRun` with the same `cut`, `first` and `count`. */
  runInput(first: number, count: number): SplitInput
  /** Bytes of that input, without making it. Constant time, but one step a unit for a grid. */
  runInputBytes(first: number, count: number): number
  /** How many units from `first`, at most `countMax`, have an input of at most `bytesMax`; at least one, however large. */
  unitsWithin(first: number, countMax: number, bytesMax: number): number
}

/** How a device cuts the runs of a split. A coordinator needs it before the plan, to index a blob. */
export function cutOf(split: BlobSplit<Source>): BlobCut
export function cutOf(split: SplitSpec): Cut
export function cutOf(split: SplitSpec): Cut {
  switch (split.kind) {
    case 'range':
      return { kind: 'range', from: split.from, to: split.to, chunk: split.chunk }
    case 'items':
    case 'grid':
      return { kind: 'items' }
    case 'blob':
      if (split.by === 'bytes') return { kind: 'bytes', bytes: split.size }
      if (split.by === 'lines') return { kind: 'lines', lines: split.size }
      return { kind: 'records', delimiter: utf8(split.delimiter ?? '\n\n'), records: split.size }
  }
}

/**
 * Plans the units of a checked split.
 * @param index - the finished index of the blob, made with the cut of the same split; only for a blob
 */
export function planSplit(split: SplitSpec, index?: BlobIndex): SplitPlan {
  const cut = cutOf(split)
  switch (split.kind) {
    case 'range':
      return checked(planRange(rangeUnits(split), cut))
    case 'items':
      return checked(planItems(split.items, cut))
    case 'grid':
      return checked(planGrid(new Grid(split.parameters), cut))
    case 'blob':
      assert(
        index !== undefined && index.cut.kind === cut.kind,
        'a blob is indexed by its own cut before it is planned',
      )
      return checked(planBlob(index))
  }
}

function planRange(units: number, cut: Cut): SplitPlan {
  return { units, cut, runInput: () => null, runInputBytes: () => 0, unitsWithin: (_, countMax) => countMax }
}

function planItems(items: readonly string[], cut: Cut): SplitPlan {
  const offsets = itemOffsets(items)
  const offset = (unit: number) => offsets[unit] ?? 0
  return {
    units: items.length,
    cut,
    runInput: (first, count) => ({
      kind: 'inline',
      bytes: encodeSequence(items.slice(first, first + count).map(utf8)),
    }),
    ...byOffsets(offset),
  }
}

function planGrid(grid: Grid, cut: Cut): SplitPlan {
  const unitBytes = (unit: number) => byteStringBytes(grid.inputBytes(unit))
  return {
    units: grid.units,
    cut,
    runInput: (first, count) => {
      const inputs = Array.from({ length: count }, (_, index) => grid.input(first + index))
      return { kind: 'inline', bytes: encodeSequence(inputs) }
    },
    runInputBytes: (first, count) => {
      let bytes = 0
      for (let unit = first; unit < first + count; unit++) bytes += unitBytes(unit)
      return bytes
    },
    unitsWithin: (first, countMax, bytesMax) => {
      let count = 1
      let bytes = unitBytes(first)
      while (count < countMax && bytes + unitBytes(first + count) <= bytesMax) bytes += unitBytes(first + count++)
      return count
    },
  }
}

function planBlob(index: BlobIndex): SplitPlan {
  const sizes = byOffsets(unit => index.offset(unit))
  return {
    units: index.units,
    cut: index.cut,
    runInput: (first, count) => {
      return { kind: 'range', offset: index.offset(first), length: sizes.runInputBytes(first, count) }
    },
    ...sizes,
  }
}

/** Sizes of runs whose units lie one after the other. */
function byOffsets(offset: (unit: number) => number): Pick<SplitPlan, 'runInputBytes' | 'unitsWithin'> {
  return {
    runInputBytes: (first, count) => offset(first + count) - offset(first),
    unitsWithin: (first, countMax, bytesMax) => {
      const end = offset(first) + bytesMax
      let fits = 1
      let tooMany = countMax + 1
      while (tooMany - fits > 1) {
        const middle = Math.floor((fits + tooMany) / 2)
        if (offset(first + middle) <= end) fits = middle
        else tooMany = middle
      }
      return fits
    },
  }
}

/** Holds callers to runs that exist. */
function checked(plan: SplitPlan): SplitPlan {
  const { units, cut } = plan
  const check = (first: number, count: number) => {
    const whole = Number.isSafeInteger(first) && Number.isSafeInteger(count)
    assert(whole && first >= 0 && count >= 1 && first + count <= units, 'a run lies inside its job')
  }
  return {
    units,
    cut,
    runInput: (first, count) => {
      check(first, count)
      return plan.runInput(first, count)
    },
    runInputBytes: (first, count) => {
      check(first, count)
      return plan.runInputBytes(first, count)
    },
    unitsWithin: (first, countMax, bytesMax) => {
      check(first, 1)
      return plan.unitsWithin(first, Math.max(1, Math.min(countMax, units - first)), bytesMax)
    },
  }
}
