/** The part of the administration that is about reputation across regions. */

/** What a region says of a device or an owner, and the signed statement of it. */
export interface ReputationStatement {
  region: string
  /** `device` or `owner`. */
  kind: string
  subject: string
  checksPassed: number
  unitsAccepted: number
  unitsRejected: number
  /** What that comes to here, 0..1. */
  credibility: number
  sinceMs: number
  atMs: number
  /** The signed frame in base64url. */
  statement: string
}

/** What became of a statement of another region. */
export interface ReputationImport {
  region: string
  device: string
  /** `applied` to a device that is here, or `waiting` for it to join. */
  outcome: 'applied' | 'waiting'
  /** Checks that the device starts with. */
  checks: number
  /** Credibility that it starts with, 0..1. */
  credibility: number
}

/** A region whose statements count here. */
export interface TrustedRegion {
  region: string
  /** In base64url. */
  key: string
  addedAtMs: number
}

/** Each method names its route, as in {@link AdminApi}. */
export interface ReputationAdminApi {
  /** `GET /api/reputation/devices/:id` */
  reputationOfDevice(id: string): Promise<ReputationStatement>
  /** `GET /api/reputation/owners/:name` */
  reputationOfOwner(name: string): Promise<ReputationStatement>
  /** `POST /api/reputation` with `{statement}` in base64url. 201 */
  reputationImport(statement: string): Promise<ReputationImport>
  /** `GET /api/regions` */
  trustedRegions(): Promise<TrustedRegion[]>
  /** `POST /api/regions` with `{key}`: the verifier key of its log, or its 32 bytes in base64. 201 */
  regionTrust(key: string): Promise<TrustedRegion>
  /** `POST /api/regions/:id/distrust` */
  regionDistrust(id: string): Promise<TrustedRegion>
}
