/** The form that every bench's result has, and how it is shown. Figures of one result come from one run on one machine. */
import { cpus, totalmem } from 'node:os'
import type { Workplace } from './workplace.ts'

/** A number, a summary of rounds, or a group of either. */
export type Figure = number | string | boolean | null | Figures | Figure[]
export interface Figures {
  readonly [name: string]: Figure | object
}

export interface Target {
  readonly name: string
  /** Null when it could not be measured here, which is not met either. */
  readonly value: number | null
  readonly target: number
  readonly better: 'lower' | 'higher'
  readonly met: boolean
}

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly node: string
  readonly system: string
}

export interface BenchResult {
  readonly bench: string
  readonly machine: Machine
  readonly ours: Figures
  /** Null when there is none, or it is not on this machine. */
  readonly peer: Figures | null
  readonly targets: readonly Target[]
  /** What a reader must know to judge the figures. */
  readonly notes: readonly string[]
}

/** What a bench measures: everything of its result but the frame. */
export type Measured = Pick<BenchResult, 'ours' | 'peer' | 'targets' | 'notes'>

export interface Bench {
  readonly name: string
  /** One line for the list. */
  readonly summary: string
  /** @param parts - names of what alone is to be measured, for a bench of several parts; none means all */
  measure(place: Workplace, parts: readonly string[], options: BenchOptions): Promise<Measured>
}

/** What can be said on the command line beside the name and the parts. */
export interface BenchOptions {
  /** Where a bench that draws its figures writes the SVG; default: where the documents show it. */
  readonly plot?: string | undefined
  /** Where to write a flame graph of what is measured, which is then profiled instead of timed. */
  readonly flame?: string | undefined
}

/** A target and whether the value reaches it. */
export function target(name: string, value: number | null, better: 'lower' | 'higher', aim: number): Target {
  const met = value !== null && (better === 'lower' ? value <= aim : value >= aim)
  return { name, value, target: aim, better, met }
}

export function machine(): Machine {
  const processors = cpus()
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    system: `${process.platform} ${process.arch}`,
  }
}

/** The result for people. */
export function table(result: BenchResult): string {
  const { cpu, cores, memoryGiB, node, system } = result.machine
  const lines = [`${result.bench}: ${cpu}, ${cores} cores, ${memoryGiB} GiB, Node ${node}, ${system}`, '']
  lines.push(...listsOf(result.ours), ...columns(rowsOf(result.ours, 'ours')))
  if (result.peer === null) lines.push('peer  none')
  else lines.push(...columns(rowsOf(result.peer, 'peer')))
  if (result.targets.length > 0) lines.push('', ...columns(result.targets.map(targetRow)))
  if (result.notes.length > 0) lines.push('', ...result.notes)
  return `${lines.join('\n')}\n`
}

function targetRow({ name, value, target: aim, better, met }: Target): string[] {
  const bound = `${better === 'lower' ? '<=' : '>='} ${shown(aim)}`
  return [met ? 'met' : 'NOT MET', name, value === null ? 'not measured' : shown(value), bound]
}

/** Lists of records with the same names, each as a table under these names. */
function listsOf(figures: Figures): string[] {
  return Object.values(figures).flatMap(value => {
    if (!isList(value)) return []
    const names = Object.keys(value[0] ?? {})
    return [...columns([names, ...value.map(record => names.map(name => shown(record[name])))]), '']
  })
}

function isList(value: unknown): value is Record<string, unknown>[] {
  return Array.isArray(value) && value.every(record => typeof record === 'object' && record !== null)
}

function rowsOf(figures: object, path: string): string[][] {
  return Object.entries(figures).flatMap(([name, value]: [string, unknown]) => {
    const here = `${path}  ${name}`
    if (isList(value)) return []
    if (isSummary(value))
      return [[here, shown(value.median), `(${shown(value.min)} to ${shown(value.max)}, ${value.rounds} rounds)`]]
    return typeof value === 'object' && value !== null ? rowsOf(value, here) : [[here, shown(value), '']]
  })
}

function isSummary(value: unknown): value is { median: number; min: number; max: number; rounds: number } {
  return typeof value === 'object' && value !== null && 'median' in value && 'rounds' in value
}

function shown(value: unknown): string {
  return typeof value === 'number'
    ? value.toLocaleString('en', Math.abs(value) < 1 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 2 })
    : String(value)
}

function columns(rows: readonly string[][]): string[] {
  const widths: number[] = []
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length)
  return rows.map(row =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
