/** Makes and signs what devices install: a repository of The Update Framework as a folder of files. */
export { type KeyFolder, ROLES, type Role } from './keys.ts'
export type { SignedRelease } from './metadata.ts'
export {
  LIFETIME_MS,
  ReleaseRepository,
  type RepositoryComponents,
  type RepositoryInit,
  type RepositoryStatus,
  ROLE_PLANS,
  type RolePlan,
  type RoleStatus,
} from './repository.ts'
