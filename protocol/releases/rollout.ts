/** Which devices take a release: a percentage of each region, signed with the release, and the same devices whoever computes it. */
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8 } from '../bytes.ts'
import type { DeviceId, RegionName } from '../ids.ts'
import { regionName } from '../ids.ts'
import { ReleaseError } from './failure.ts'

/** Percent of devices, 0..100, by region; `*` stands for every region that is not named. */
export type Rollout = Readonly<Record<string, number>>

/** Every region that is not named. */
export const ELSEWHERE = '*'
const BUCKETS = 100
const REGIONS_MAX = 1_000

/**
 * Reads `home=25,*=0`, or `25` for every region.
 * @throws {ReleaseError} `bad_rollout`
 */
export function parseRollout(text: string): Rollout {
  const shares: Record<string, number> = {}
  for (const part of text.split(',')) {
    const [region = '', percent] = part.includes('=') ? part.split('=') : [ELSEWHERE, part]
    const share = /^\d{1,3}$/.test(percent?.trim() ?? '') ? Number(percent) : Number.NaN
    shares[region.trim()] = share
  }
  return checkRollout(shares)
}

/**
 * The value, if it is a roll-out.
 * @throws {ReleaseError} `bad_rollout`
 */
export function checkRollout(value: unknown): Rollout {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badRollout(value, 'it names no regions')
  const entries = Object.entries(value)
  if (entries.length === 0 || entries.length > REGIONS_MAX)
    throw badRollout(value, `it names 1 to ${REGIONS_MAX} regions`)
  for (const [region, share] of entries) {
    if (region !== ELSEWHERE && !isRegion(region))
      throw badRollout(value, `'${region}' is not the name of a region, nor *`)
    if (!Number.isInteger(share) || share < 0 || share > BUCKETS) {
      throw badRollout(value, `${region} gets a whole percentage from 0 to 100`)
    }
  }
  return Object.fromEntries(entries)
}

/** The share of a region's devices, 0..100. A device of no region counts as one of a region that is not named. */
export function rolloutPercent(rollout: Rollout, region: RegionName | null): number {
  const named = region !== null && Object.hasOwn(rollout, region) ? rollout[region] : undefined
  return named ?? (Object.hasOwn(rollout, ELSEWHERE) ? rollout[ELSEWHERE] : undefined) ?? 0
}

/**
 * The device's place among the hundred of a version, 0..99, which takes it when that is below the percentage, so that raising one only ever adds devices: the first four bytes of SHA-256 of `<device>:<version>`, modulo 100.
 * Another version, another order, so that it is not always the same devices that go first.
 */
export function rolloutBucket(device: DeviceId, version: string): number {
  const digest = sha256(utf8(`${device}:${version}`))
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0) % BUCKETS
}

function isRegion(text: string): boolean {
  try {
    regionName(text)
    return true
  } catch {
    return false
  }
}

function badRollout(value: unknown, reason: string): ReleaseError {
  const text = (JSON.stringify(value) ?? '').slice(0, 200)
  const message = `The roll-out ${text} cannot be used: ${reason}. Write it as home=25,*=0.`
  return new ReleaseError({ code: 'bad_rollout', value: text, reason }, message)
}
