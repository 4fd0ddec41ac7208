/** What a region offers its devices as updates: the TUF metadata it serves. Devices check its signatures; here it is only read. */
import type { RegionName } from '../../protocol/index.ts'
import { type ReleaseFacts, readReleaseFacts } from '../../protocol/releases/facts.ts'
import { ELSEWHERE, rolloutPercent } from '../../protocol/releases/rollout.ts'
import { compareVersions } from '../../protocol/releases/version.ts'

/** Versions, the newest first, and until when devices take them. */
export interface Published {
  readonly releases: readonly ReleaseFacts[]
  /** When the first of the signatures ends. */
  readonly expiresMs: number
}

interface Signed {
  readonly signed: {
    readonly expires: string
    readonly meta?: Readonly<Record<string, { readonly version: number }>>
    readonly targets?: Readonly<Record<string, { readonly custom?: unknown }>>
  }
}

/**
 * Reads what is published.
 * @param load - gets a file of the metadata by its name, such as `timestamp.json`
 * @throws {ReleaseError} when a release is described wrongly, and what `load` throws
 */
export async function readPublished(load: (name: string) => Promise<unknown>): Promise<Published> {
  const timestamp = (await load('timestamp.json')) as Signed
  const snapshot = (await load(versioned(timestamp, 'snapshot.json'))) as Signed
  const targets = (await load(versioned(snapshot, 'targets.json'))) as Signed
  const releases = Object.entries(targets.signed.targets ?? {}).map(([path, { custom }]) =>
    readReleaseFacts(path, custom),
  )
  const expiries = [timestamp, snapshot, targets].map(({ signed }) => Date.parse(signed.expires))
  return {
    releases: releases.sort((a, b) => compareVersions(b.version, a.version)),
    expiresMs: Math.min(...expiries),
  }
}

const versioned = ({ signed }: Signed, name: string): string => `${signed.meta?.[name]?.version}.${name}`

/** `25 % of the devices of this region`. */
export function stageHere({ rollout }: ReleaseFacts, region: string): string {
  const percent = rolloutPercent(rollout, region as RegionName)
  if (percent === 0) return 'no device of this region'
  return percent === 100 ? 'every device of this region' : `${percent} % of the devices of this region`
}

/** `home 25 %, elsewhere 0 %`: for which regions a version is meant, as it was signed. */
export function stages({ rollout }: ReleaseFacts): string {
  const parts = Object.entries(rollout).map(
    ([name, percent]) => `${name === ELSEWHERE ? 'elsewhere' : name} ${percent} %`,
  )
  return parts.join(', ')
}
