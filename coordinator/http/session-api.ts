/** Who a token belongs to, as a page or a program asks it first. */

/** What somebody may do: `public` has no token, `owner` and `submitter` have their own, `operator` has the admin token. */
export type Role = 'public' | 'owner' | 'submitter' | 'operator'

/** `GET /api/session`: who is asking, and what the region shows. */
export interface Session {
  role: Role
  /** Of the owner or the submitter; null for the public and the operator. */
  name: string | null
  /** The region's name. */
  region: string
  /** Whether cells and their history are shown to everybody. */
  openData: boolean
  /** Tokens hold until they are renewed or removed. */
  tokenExpires: null
}

/** Somebody whose devices work here, and who may look after them with a token. */
export interface Owner {
  name: string
  createdAtMs: number
  /** Devices that are the owner's, whatever their standing. */
  devices: number
}

/** A new owner, or one with a new token. `token` is shown this once; the coordinator keeps only its hash. */
export interface NewOwner {
  name: string
  token: string
}

/** Each method names its route, as in {@link AdminApi}. */
export interface OwnerAdminApi {
  /** `POST /api/owners` with `{name}`. 201 */
  ownerAdd(name: string): Promise<NewOwner>
  /** `GET /api/owners`, by name. */
  ownerList(): Promise<Owner[]>
  /** `POST /api/owners/:name/renew`: the old token ends. */
  ownerRenew(name: string): Promise<NewOwner>
  /** `POST /api/owners/:name/remove`: the token ends; devices and earnings stay the owner's. */
  ownerRemove(name: string): Promise<Owner>
}
