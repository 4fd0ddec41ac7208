/** Finds the witness that a person means. */
import type { Witness } from '../coordinator/http/witness-api.ts'
import { ConfigError } from '../protocol/index.ts'
import type { AdminClient } from './admin-client.ts'

/**
 * The origin of a witness named by it, by its region's id or the beginning of that, or by its address.
 * @throws {ConfigError} `not_found` when there is none or more than one
 */
export async function findWitness(api: Pick<AdminClient, 'witnessList'>, text: string): Promise<string> {
  const found = (await api.witnessList()).filter(witness => isMeant(witness, text))
  const [first] = found
  if (first !== undefined && found.length === 1) return first.origin
  const problem = first === undefined ? `There is no witness '${text}'` : `'${text}' means ${found.length} witnesses`
  throw new ConfigError({ code: 'not_found', path: text }, `${problem}: 'hedgerow witness list' shows them.`)
}

function isMeant({ origin, url }: Witness, text: string): boolean {
  return text !== '' && (origin === text || regionOf(origin).startsWith(text) || url === text.replace(/\/+$/, ''))
}

/** The id of the region whose log has this origin. */
export function regionOf(origin: string): string {
  return origin.slice(origin.lastIndexOf('/') + 1)
}
