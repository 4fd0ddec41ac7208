/** What anybody may ask to see whether a coordinator is well. No `…/api/` path: load balancers and supervisors ask these. */

/** `GET /health`: the process lives. */
export interface Health {
  ok: true
  /** The region's name. */
  region: string
}

/** One thing that a coordinator needs. */
export interface ReadyCheck {
  name: 'store' | 'commits' | 'broker' | 'checkpoint' | 'disk'
  ok: boolean
  /** One sentence. */
  says: string
}

/** `GET /ready`: 200 when all checks are well, else 503. */
export interface Ready {
  ready: boolean
  checks: ReadyCheck[]
}
