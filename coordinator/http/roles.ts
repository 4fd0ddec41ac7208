/** Groups of roles that routes are for. The operator may call every route. */
import type { Role } from './session-api.ts'

export const OPERATOR: readonly Role[] = ['operator']
/** About their own devices, for owners. */
export const OWNERS: readonly Role[] = ['owner', 'operator']
/** About their own jobs and campaigns, for submitters. */
export const SUBMITTERS: readonly Role[] = ['submitter', 'operator']
/** Everybody with a token. */
export const MEMBERS: readonly Role[] = ['owner', 'submitter', 'operator']
/** With or without a token. */
export const ANYBODY: readonly Role[] = ['public', 'owner', 'submitter', 'operator']
