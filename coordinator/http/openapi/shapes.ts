/**
 * What the body of each route's request and of its answer is, by method and path as the tables of routes have them. The document that is
 * served at `/api/openapi.json` is made from this file; a test compares it with the tables and with what a running region answers.
 */
import type { Campaign, CellWindow, Evidence, SensorSummary } from '../../../protocol/sensing/api-types.ts'
import type { DatabaseSnapshot } from '../../backup/index.ts'
import type { PayoutClaims } from '../../payout/chain/claims.ts'
import type { RegionCard } from '../../settlement/region-card.ts'
import type { Claim, Device, Explanation, Job, Ledger, Metrics, NewSubmitter, Region, Submitter } from '../admin-api.ts'
import type { Dispute } from '../dispute-api.ts'
import type { JobDoubts } from '../doubts-api.ts'
import type { Health, Ready } from '../health-api.ts'
import type { LiveEvents, PublicCells, PublicHistory, PublicTotals } from '../live-api.ts'
import type { BoundAddress, PayoutDetail, PayoutEpoch, PayoutOverview } from '../payout-api.ts'
import type { Prices } from '../price-api.ts'
import type { ReputationImport, ReputationStatement, TrustedRegion } from '../reputation-api.ts'
import type { Placements } from '../scheduling-api.ts'
import type { NewOwner, Owner, Session } from '../session-api.ts'
import type { Witness } from '../witness-api.ts'

/** A stored blob. */
export interface StoredBlob {
  sha256: string
  bytes: number
}

/** What to tell whoever brought a statement. */
export interface StatementTaken {
  text: string
}

/** Why a request was refused: what a program can act on, and a sentence that says what to do. */
export interface Failure {
  error: { code: string; message: string }
}

/** Answers in JSON. */
export interface Replies {
  'GET /api/region': Region
  'GET /api/session': Session
  'GET /api/public/totals': PublicTotals
  'GET /api/public/cells': PublicCells
  'GET /api/public/history': PublicHistory
  'POST /api/claims': Claim
  'GET /api/devices': Device[]
  'GET /api/devices/:id': Device
  'GET /api/devices/:id/explain': Explanation
  'POST /api/devices/:id/revoke': Device
  'POST /api/devices/:id/reinstate': Device
  'POST /api/devices/:id/drain': Device
  'POST /api/devices/:id/undrain': Device
  'GET /api/owners': Owner[]
  'POST /api/owners': NewOwner
  'POST /api/owners/:name/renew': NewOwner
  'POST /api/owners/:name/remove': Owner
  'GET /api/submitters': Submitter[]
  'POST /api/submitters': NewSubmitter
  'POST /api/submitters/:name/fund': Submitter
  'GET /api/jobs': Job[]
  'POST /api/jobs': Job
  'GET /api/jobs/:id': Job
  'GET /api/jobs/:id/explain': Explanation
  'GET /api/jobs/:id/doubts': JobDoubts
  'GET /api/jobs/:id/placements': Placements
  'POST /api/jobs/:id/cancel': Job
  'GET /api/campaigns': Campaign[]
  'POST /api/campaigns': Campaign
  'GET /api/campaigns/:id': Campaign
  'GET /api/campaigns/:id/explain': Explanation
  'POST /api/campaigns/:id/stop': Campaign
  'GET /api/campaigns/:id/windows': CellWindow[]
  'GET /api/sensors': SensorSummary[]
  'GET /api/evidence': Evidence
  'GET /api/witnesses': Witness[]
  'POST /api/witnesses': Witness
  'POST /api/witnesses/:origin/remove': Witness
  'GET /api/payouts': PayoutOverview
  'GET /api/payouts/:epoch': PayoutDetail
  'GET /api/payouts/:epoch/claims': PayoutClaims
  'POST /api/payouts/:epoch/confirm': PayoutEpoch
  'POST /api/payouts/:epoch/void': PayoutEpoch
  'POST /api/payouts/:epoch/signatures': PayoutEpoch
  'GET /api/bindings': BoundAddress[]
  'GET /api/disputes': Dispute[]
  'POST /api/disputes': Dispute
  'GET /api/disputes/:id': Dispute
  'GET /api/disputes/:id/explain': Explanation
  'GET /api/prices': Prices
  'GET /api/prices/:what/explain': Explanation
  'GET /api/reputation/devices/:id': ReputationStatement
  'GET /api/reputation/owners/:name': ReputationStatement
  'POST /api/reputation': ReputationImport
  'GET /api/regions': TrustedRegion[]
  'POST /api/regions': TrustedRegion
  'POST /api/regions/:id/distrust': TrustedRegion
  'POST /api/maintenance': Region
  'POST /api/maintenance/end': Region
  'GET /api/payments/:id': Explanation
  'GET /api/ledger': Ledger
  'GET /api/metrics': Metrics
  'POST /api/snapshot': DatabaseSnapshot
  'GET /health': Health
  'GET /ready': Ready
  'GET /log/card': RegionCard
  'PUT /blob/:sha256': StoredBlob
  'POST /api/statements/:device': StatementTaken
}

/** Bodies of requests in JSON. Routes that are not here take none, or a whole specification. */
export interface Bodies {
  'POST /api/claims': {
    /** Whom the device's earnings belong to; an owner leaves it out. */
    owner?: string
    /** How long the claim can be used; a day when left out, 30 days at most. */
    lifetimeMs?: number
  }
  'POST /api/devices/:id/revoke': { reason: string }
  'POST /api/devices/:id/drain': { reason: string }
  'POST /api/owners': { name: string }
  'POST /api/submitters': {
    name: string
    /** Micro-credits to begin with, as a decimal text. */
    fundMicro?: string
  }
  'POST /api/submitters/:name/fund': {
    /** A decimal text. */
    amountMicro: string
  }
  'POST /api/witnesses': { url: string }
  'POST /api/payouts/:epoch/void': {
    /** Only the payment of this one. */
    payee?: string
  }
  'POST /api/payouts/:epoch/signatures': {
    /** Of another coordinator, in hexadecimal. */
    signature: string
  }
  /** Either `lease`, or `job` and `unit`, or `campaign`, `window` and `sensor`. */
  'POST /api/disputes': {
    reason: string
    lease?: number
    job?: string
    unit?: number
    campaign?: string
    /** Any time in the window, in milliseconds. */
    window?: number
    sensor?: string
  }
  'POST /api/reputation': {
    /** The signed frame in base64url. */
    statement: string
  }
  'POST /api/regions': {
    /** The verifier key of its log, or its 32 bytes in base64. */
    key: string
  }
  'POST /api/maintenance': { reason: string }
}

/** All of these, for the schema to be made of. */
export interface Shapes {
  replies: Replies
  bodies: Bodies
  events: LiveEvents
  failure: Failure
}
