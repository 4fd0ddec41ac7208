/** The part of the administration that is about backups. */
import type { DatabaseSnapshot } from '../backup/index.ts'

/** Each method names its route, as in {@link AdminApi}. */
export interface BackupAdminApi {
  /** `POST /api/snapshot`: a copy of the database in the coordinator's own folder, for `hedgerow backup`. 201 */
  databaseSnapshot(): Promise<DatabaseSnapshot>
}
