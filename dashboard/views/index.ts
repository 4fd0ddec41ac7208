/** Every view: where it is, for whom, and the code that is loaded when somebody goes there. */
import type { ComponentType } from 'preact'
import type { Session } from '../../coordinator/http/session-api.ts'
import type { IconName } from '../ui/icon.tsx'

export type Role = Session['role']

/** One view of the page. */
export interface View {
  /** The first part of its address. */
  readonly id: string
  /** What the navigation calls it. */
  readonly title: string
  /** Beside it. */
  readonly icon: IconName
  readonly roles: readonly Role[]
  /** The view's module; its default export is the component. */
  load(): Promise<{ default: ComponentType }>
}

const EVERYBODY: readonly Role[] = ['public', 'owner', 'submitter', 'operator']

/** In the order of the navigation; the first is the start page. */
export const VIEWS: readonly View[] = [
  { id: 'region', title: 'Region', icon: 'region', roles: EVERYBODY, load: () => import('./region.tsx') },
  { id: 'map', title: 'Map', icon: 'map', roles: EVERYBODY, load: () => import('./map.tsx') },
  {
    id: 'devices',
    title: 'Devices',
    icon: 'device',
    roles: ['owner', 'operator'],
    load: () => import('./devices.tsx'),
  },
  { id: 'jobs', title: 'Jobs', icon: 'job', roles: ['submitter', 'operator'], load: () => import('./jobs.tsx') },
  {
    id: 'submit',
    title: 'Try a task',
    icon: 'submit',
    roles: ['submitter', 'operator'],
    load: () => import('./submit.tsx'),
  },
  {
    id: 'claims',
    title: 'Add devices',
    icon: 'claim',
    roles: ['owner', 'operator'],
    load: () => import('./claims.tsx'),
  },
  {
    id: 'disputes',
    title: 'Disputes',
    icon: 'dispute',
    roles: ['submitter', 'operator'],
    load: () => import('./disputes.tsx'),
  },
  { id: 'prices', title: 'Prices', icon: 'price', roles: EVERYBODY, load: () => import('./prices.tsx') },
  { id: 'ledger', title: 'Ledger', icon: 'ledger', roles: EVERYBODY, load: () => import('./ledger.tsx') },
  { id: 'log', title: 'Public log', icon: 'log', roles: EVERYBODY, load: () => import('./log.tsx') },
  { id: 'people', title: 'People', icon: 'people', roles: ['operator'], load: () => import('./people.tsx') },
  {
    id: 'operations',
    title: 'Operations',
    icon: 'operations',
    roles: ['operator'],
    load: () => import('./operations.tsx'),
  },
]
