/** What Linux says of a process's memory. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

const KIB_PER_MB = 1_000_000 / 1_024

export interface Footprint {
  /** Proportional set size: pages that n processes share count 1/n. */
  readonly pssMb: number
  readonly rssMb: number
  /** Pages of this process alone. */
  readonly privateMb: number
}

/** @throws {Error} where there is no `/proc/<pid>/smaps_rollup` */
export function footprint(pid: number): Footprint {
  const read = kibibytes(`/proc/${pid}/smaps_rollup`)
  const mb = (...names: string[]) =>
    Math.round((names.reduce((sum, name) => sum + read(name), 0) / KIB_PER_MB) * 10) / 10
  return { pssMb: mb('Pss'), rssMb: mb('Rss'), privateMb: mb('Private_Clean', 'Private_Dirty') }
}

/** Resident memory in MiB, now and at its highest. */
export function residentMiB(pid: number): { now: number; peak: number } {
  const read = kibibytes(`/proc/${pid}/status`)
  return { now: Math.round(read('VmRSS') / 1_024), peak: Math.round(read('VmHWM') / 1_024) }
}

/** Makes {@link residentMiB}'s peak count from now on. */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
}

/** Processes that this one has started and that still run. */
export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap(thread =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
  )
}

function kibibytes(path: string): (name: string) => number {
  const text = readFileSync(path, 'utf8')
  return name => {
    const value = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]
    if (value === undefined) throw new Error(`${path} does not tell ${name}.`)
    return Number(value)
  }
}
