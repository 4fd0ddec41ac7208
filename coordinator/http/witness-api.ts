/** The part of the administration that is about the regions that watch each other's logs. */

/** Another region: it cosigns this one's checkpoints, and this one cosigns its. */
export interface Witness {
  /** Of its log. */
  origin: string
  /** Where it is reached, without the last slash. */
  url: string
  /** Verifier keys in the form of C2SP signed notes. */
  logKey: string
  witnessKey: string
  addedAtMs: number
  /** Entries of its last checkpoint that was cosigned here; 0 before the first. */
  cosignedByUs: number
  /** Entries of this region's last checkpoint that it cosigned, and when; null when none is known since the coordinator started. */
  cosignedByThem: { size: number; atMs: number } | null
  /** Why it does not cosign now; empty when it does. */
  problem: string
  /** Two checkpoints that it signed and that contradict each other, as text; null as long as there are none. */
  conflict: { cosigned: string; other: string } | null
}

/** Each method names its route, as in {@link AdminApi}. */
export interface WitnessAdminApi {
  /** `GET /api/witnesses` */
  witnessList(): Promise<Witness[]>
  /** `POST /api/witnesses` with `{url}`. 201 */
  witnessAdd(request: { url: string }): Promise<Witness>
  /** `POST /api/witnesses/:origin/remove` */
  witnessRemove(origin: string): Promise<Witness>
}
