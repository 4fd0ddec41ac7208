/** Whether a coordinator can do its work at present, and if not, why. */
import { type Clock, messageOf } from '../../protocol/index.ts'
import type { Ready, ReadyCheck } from '../http/health-api.ts'

export interface ReadinessComponents {
  readonly clock: Clock
  /** Writes something small and returns once it is on stable storage; throws as the store does. */
  probeStore(): void
  /** Opens a connection to the broker's port and ends it; rejects when there is nobody. */
  probeBroker(): Promise<void>
  /** Resolves when everything that the region has stepped so far is on stable storage. */
  committed(): Promise<void>
  /** Whether commits have ended for good. */
  isStopped(): boolean
  /** Entries of the log, entries that were signed, and when, in wall time; null before the first checkpoint. */
  log(): { readonly entries: number; readonly signed: number; readonly signedAtMs: number | null }
  /** Null when the disk cannot be asked. */
  diskFreeBytes(): number | null
}

export interface ReadinessInit {
  /** The log is signed at least this often while it grows. */
  readonly checkpointMs: number
}

/** Asked more often than this, the last answer is given again: the check writes to the disk. */
const KEPT_MS = 2_000
/** A fleet's greatest commit takes a few seconds. */
const COMMIT_MS_MAX = 10_000
/** Signing waits for the disk and not for witnesses. */
const SIGNED_LATE = 10
const SIGNED_LATE_MS_MIN = 60_000
/** A commit needs this much when many results come together; below it the store is about to fail. */
const DISK_BYTES_MIN = 64 * 1_048_576
const MIB = 1_048_576

/** @returns the answer to `GET /ready` */
export function createReadiness(components: ReadinessComponents, init: ReadinessInit): () => Promise<Ready> {
  let kept: { readonly atMs: number; readonly ready: Promise<Ready> } | null = null
  return () => {
    const atMs = components.clock.monotonicMs()
    if (kept === null || atMs - kept.atMs > KEPT_MS) kept = { atMs, ready: look(components, init) }
    return kept.ready
  }
}

async function look(components: ReadinessComponents, { checkpointMs }: ReadinessInit): Promise<Ready> {
  const checks: ReadyCheck[] = [
    storeCheck(components),
    await commitCheck(components),
    await brokerCheck(components),
    checkpointCheck(components, Math.max(SIGNED_LATE_MS_MIN, SIGNED_LATE * checkpointMs)),
    diskCheck(components.diskFreeBytes()),
  ]
  return { ready: checks.every(({ ok }) => ok), checks }
}

function storeCheck({ isStopped, probeStore }: ReadinessComponents): ReadyCheck {
  if (isStopped())
    return {
      name: 'store',
      ok: false,
      says: 'Nothing is committed any more: a commit failed, or the coordinator is stopping.',
    }
  try {
    probeStore()
    return { name: 'store', ok: true, says: 'The store takes writes.' }
  } catch (error) {
    return { name: 'store', ok: false, says: `The store takes no writes: ${messageOf(error)}` }
  }
}

async function commitCheck({ clock, isStopped, committed }: ReadinessComponents): Promise<ReadyCheck> {
  const startedMs = clock.monotonicMs()
  const late = Promise.withResolvers<false>()
  const timer = clock.setTimeout(() => late.resolve(false), COMMIT_MS_MAX)
  const isDone = !isStopped() && (await Promise.race([committed().then(() => true), late.promise]))
  timer.cancel()
  const elapsedMs = Math.round(clock.monotonicMs() - startedMs)
  const says = isDone ? `What is stepped is committed within ${elapsedMs} ms.` : 'What is stepped is not committed.'
  return { name: 'commits', ok: isDone, says }
}

async function brokerCheck({ probeBroker }: ReadinessComponents): Promise<ReadyCheck> {
  try {
    await probeBroker()
    return { name: 'broker', ok: true, says: 'The broker accepts connections.' }
  } catch (error) {
    return { name: 'broker', ok: false, says: `The broker accepts no connections: ${messageOf(error)}` }
  }
}

function checkpointCheck({ clock, log }: ReadinessComponents, lateMs: number): ReadyCheck {
  const { entries, signed, signedAtMs } = log()
  if (entries <= signed) return { name: 'checkpoint', ok: true, says: `All ${entries} entries of the log are signed.` }
  if (signedAtMs === null) return { name: 'checkpoint', ok: true, says: 'The log is new and about to be signed.' }
  const seconds = Math.max(0, Math.round((clock.wallMs() - signedAtMs) / 1_000))
  const says = `${entries - signed} entries of the log are not signed yet, ${seconds} s after the last checkpoint.`
  return { name: 'checkpoint', ok: clock.wallMs() - signedAtMs <= lateMs, says }
}

function diskCheck(freeBytes: number | null): ReadyCheck {
  if (freeBytes === null)
    return { name: 'disk', ok: false, says: 'The disk of the folder cannot be asked for its free space.' }
  const free = `${Math.floor(freeBytes / MIB)} MiB are free on the disk of the folder.`
  return { name: 'disk', ok: freeBytes >= DISK_BYTES_MIN, says: free }
}
