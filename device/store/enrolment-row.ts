import type { DatabaseSync } from 'node:sqlite'
import { type RegionName, regionName, STANDINGS, type Standing } from '../../protocol/index.ts'

/** What a device keeps of the region it belongs to. */
export interface Enrolment {
  readonly mqttUrl: string
  readonly region: RegionName
  /** The region's Ed25519 key: the one thing everything it says is checked against. */
  readonly regionKey: Uint8Array
  readonly blobUrl: string
  /** SHA-256 of the SubjectPublicKeyInfo of the region's TLS authority; null where it is none of its own. */
  readonly caKeySha256: Uint8Array | null
  readonly standing: Standing
  /** In the region's words; empty when joined. */
  readonly standingReason: string
}

/** Reads the enrolment. @throws when the row holds something this software never wrote */
export function readEnrolment(db: DatabaseSync): Enrolment | null {
  const row = db.prepare('SELECT * FROM enrolment').get()
  if (row === undefined) return null
  const standing = STANDINGS.find(known => known === row.standing)
  if (standing === undefined || !(row.region_key instanceof Uint8Array) || row.region_key.length !== 32) {
    throw new Error('the enrolment row is not one')
  }
  const pin = row.ca_key_sha256
  if (pin !== null && !(pin instanceof Uint8Array && pin.length === 32)) throw new Error('the pinned key is not one')
  return {
    mqttUrl: String(row.mqtt_url),
    region: regionName(String(row.region)),
    regionKey: row.region_key,
    blobUrl: String(row.blob_url),
    caKeySha256: pin,
    standing,
    standingReason: String(row.standing_reason),
  }
}

/** Replaces the enrolment. */
export function writeEnrolment(db: DatabaseSync, enrolment: Enrolment): void {
  const { mqttUrl, region, regionKey, blobUrl, standing, standingReason, caKeySha256 } = enrolment
  db.prepare('INSERT OR REPLACE INTO enrolment VALUES (1, ?, ?, ?, ?, ?, ?, ?)').run(
    mqttUrl,
    region,
    regionKey,
    blobUrl,
    standing,
    standingReason,
    caKeySha256,
  )
}
