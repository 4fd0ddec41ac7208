/** What kind of thing a path asks for: a short list, whatever paths people think of. */
import { API_ROUTES } from '../http/api-table.ts'

const FIRST = ['blob', 'log', 'witness', 'v1.1', 'updates', 'dashboard', 'metrics', 'health', 'ready'] as const

const API = new Set(API_ROUTES.map(({ path }) => path.split('/')[2] ?? ''))

/** Such as `blob`, `log` or `api/jobs`; the page itself is `dashboard`, and what is nothing is `other`. */
export function routeClass(path: string): string {
  const [, first = '', second = ''] = path.split('/', 3)
  if (first === '') return 'dashboard'
  if (first === 'api')
    return API.has(second) || second === 'statements' || second === 'openapi.json' ? `api/${second}` : 'other'
  return FIRST.find(known => known === first) ?? 'other'
}
