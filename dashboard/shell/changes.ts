/** What is worth saying of two views of a region, one after the other. */
import type { Device, Job } from '../../coordinator/http/admin-api.ts'

/** Devices and jobs by their id; null where they are not known. */
export interface Snapshot {
  readonly devices: ReadonlyMap<string, Device> | null
  readonly jobs: ReadonlyMap<string, Job> | null
}

/** A sentence for each change. Nothing is said of what is seen for the first time as a whole. */
export function changesInWords(before: Snapshot, after: Snapshot): string[] {
  return [...changesOf(before.devices, after.devices, deviceChange), ...changesOf(before.jobs, after.jobs, jobChange)]
}

function changesOf<Row>(
  before: ReadonlyMap<string, Row> | null,
  after: ReadonlyMap<string, Row> | null,
  sentence: (before: Row | undefined, after: Row) => string | null,
): string[] {
  if (before === null || after === null || before === after) return []
  const said: string[] = []
  for (const [id, row] of after) {
    const old = before.get(id)
    const text = old === row ? null : sentence(old, row)
    if (text !== null) said.push(text)
  }
  return said
}

function deviceChange(before: Device | undefined, after: Device): string | null {
  const name = after.label === '' ? after.id : after.label
  if (before === undefined) return `${name} has joined.`
  if (before.standing !== after.standing)
    return after.standing === 'joined' ? `${name} belongs to the region again.` : `${name} was ${after.standing}.`
  if (after.standing !== 'joined') return null
  if ((before.drainReason === null) !== (after.drainReason === null))
    return after.drainReason === null ? `${name} gets work again.` : `${name} gets no more work.`
  if (before.online === after.online) return null
  return after.online ? `${name} is online.` : `${name} went offline.`
}

function jobChange(before: Job | undefined, after: Job): string | null {
  const name = after.name === '' ? after.id : after.name
  if (before === undefined) return `${name} was submitted.`
  const isOver = after.state === 'done' || after.state === 'failed' || after.state === 'cancelled'
  if (before.state === after.state || !isOver) return null
  return after.state === 'cancelled'
    ? `${name} was cancelled.`
    : `${name} ${after.state === 'done' ? 'is done' : 'failed'}.`
}
