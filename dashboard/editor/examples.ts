/** Tasks to begin with. The scripts are files of the page, loaded when they are picked. */
import type { JobDraft } from './job-draft.ts'

/** A script and a job that suits it. */
export interface Example {
  readonly id: string
  readonly title: string
  /** What it shows, in a sentence. */
  readonly text: string
  readonly draft: JobDraft
}

const PAGE = `Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in my purse,
and nothing particular to interest me on shore, I thought I would sail about a little and see the watery
part of the world. It is a way I have of driving off the spleen and regulating the circulation. Whenever I
find myself growing grim about the mouth; whenever it is a damp, drizzly November in my soul; whenever I
find myself involuntarily pausing before coffin warehouses, and bringing up the rear of every funeral I
meet; and especially whenever my hypos get such an upper hand of me, that it requires a strong moral
principle to prevent me from deliberately stepping into the street, and methodically knocking people's hats
off, then, I account it high time to get to sea as soon as I can.
`

const VERIFY = { theta: 0.999 }

/** In the order in which they are offered. */
export const EXAMPLES: readonly Example[] = [
  {
    id: 'digits',
    title: 'Add up digits',
    text: 'A range of numbers in stretches, added up.',
    draft: {
      name: 'digits',
      task: { unitFuelMax: 50_000_000 },
      split: { kind: 'range', from: 0, to: 20_000, chunk: 500 },
      aggregate: { kind: 'sum' },
      verify: VERIFY,
      budgetMicro: '1000000',
    },
  },
  {
    id: 'words',
    title: 'Count words',
    text: 'A text in pieces of lines, counts merged by word.',
    draft: {
      name: 'words',
      task: { unitFuelMax: 50_000_000 },
      split: { kind: 'blob', source: { text: PAGE }, by: 'lines', size: 2 },
      aggregate: { kind: 'merge-map' },
      verify: VERIFY,
      budgetMicro: '1000000',
    },
  },
  {
    id: 'pi',
    title: 'Estimate pi',
    text: 'Many units of chance, and their mean.',
    draft: {
      name: 'pi',
      task: { unitFuelMax: 50_000_000 },
      split: { kind: 'range', from: 0, to: 50, chunk: 1 },
      aggregate: { kind: 'mean' },
      verify: VERIFY,
      budgetMicro: '1000000',
    },
  },
  {
    id: 'collatz',
    title: 'Longest Collatz walk',
    text: 'A search; the greatest answer wins.',
    draft: {
      name: 'collatz',
      task: { unitFuelMax: 200_000_000 },
      split: { kind: 'range', from: 1, to: 5_001, chunk: 100 },
      aggregate: { kind: 'max' },
      verify: VERIFY,
      budgetMicro: '1000000',
    },
  },
  {
    id: 'sweep',
    title: 'Sweep settings',
    text: 'Every combination of a grid, as CSV in order.',
    draft: {
      name: 'sweep',
      task: { unitFuelMax: 50_000_000 },
      split: { kind: 'grid', parameters: { rate: [2.5, 3.2, 3.5, 3.7, 3.9], start: [0.1, 0.2, 0.5] } },
      aggregate: { kind: 'concat' },
      verify: VERIFY,
      budgetMicro: '1000000',
    },
  },
]

/** Where an example's script is. */
export const scriptPath = (id: string): string => `/dashboard/examples/${id}.js`
