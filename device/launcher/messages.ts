/**
 * What a device and its launcher say to each other over the channel between parent and child. A launcher outlives many versions of
 * the device: fields may be added, none may change.
 */

/** From the device, every {@link REPORT_EVERY_MS}. */
export interface Report {
  readonly hedgerow: 'report'
  /** Whether it talks with its region, and belongs to it. */
  readonly joined: boolean
  /** Whether it runs a lease. */
  readonly busy: boolean
  readonly device: string
  readonly region: string
  /** Where the region offers updates; null while it is not known. */
  readonly updatesUrl: string | null
}

/** To the device: begin nothing new, since another version waits; or go on after all. */
export interface Advice {
  readonly hedgerow: 'finish' | 'resume'
}

export const REPORT_EVERY_MS = 10_000
/** Set for a child that may report. */
export const LAUNCHER_VARIABLE = 'HEDGEROW_LAUNCHER'

/** Reads what a child said; null when it is no report. */
export function readReport(message: unknown): Report | null {
  if (typeof message !== 'object' || message === null) return null
  const { hedgerow, joined, busy, device, region, updatesUrl } = message as Record<string, unknown>
  if (hedgerow !== 'report' || typeof joined !== 'boolean' || typeof busy !== 'boolean') return null
  if (typeof device !== 'string' || typeof region !== 'string') return null
  return { hedgerow, joined, busy, device, region, updatesUrl: typeof updatesUrl === 'string' ? updatesUrl : null }
}

/** Reads what the launcher said; null when it is no advice. */
export function readAdvice(message: unknown): Advice['hedgerow'] | null {
  const { hedgerow } = (message ?? {}) as Record<string, unknown>
  return hedgerow === 'finish' || hedgerow === 'resume' ? hedgerow : null
}
