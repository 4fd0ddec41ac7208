/** Finds the one campaign or sensor a person means. */
import { ConfigError, type SensorSummary } from '../protocol/index.ts'
import type { AdminClient } from './admin-client.ts'

/**
 * The full id of a campaign named by id, beginning of its id, or name.
 * @throws {ConfigError} `not_found` when there is none or more than one
 */
export async function findCampaign(api: AdminClient, text: string): Promise<string> {
  if (/^[a-z2-7]{16}$/.test(text)) return text
  const campaigns = await api.campaignList({})
  const found = campaigns.filter(({ id, name }) => id.startsWith(text) || name === text)
  return only('campaign', text, found, "'hedgerow campaign list' shows their ids").id
}

/**
 * A sensor named by id, beginning of its id, serial number, or `<label of its device>/<model>`.
 * @throws {ConfigError} `not_found` when there is none or more than one
 */
export async function findSensor(api: AdminClient, text: string): Promise<SensorSummary> {
  const sensors = await api.sensorList()
  const found = sensors.filter(
    ({ id, serial, deviceLabel, model }) =>
      id.startsWith(text) || serial === text || `${deviceLabel}/${model}` === text,
  )
  const some = sensors.slice(0, 5).map(({ id, deviceLabel, model }) => `${id} (${deviceLabel}/${model})`)
  return only(
    'sensor',
    text,
    found,
    some.length === 0 ? 'no device has announced one yet' : `there are ${some.join(', ')}`,
  )
}

function only<Thing>(kind: string, text: string, found: readonly Thing[], hint: string): Thing {
  const [first] = found
  if (first !== undefined && found.length === 1 && text !== '') return first
  const problem = first === undefined ? `There is no ${kind} '${text}'` : `'${text}' means ${found.length} ${kind}s`
  throw new ConfigError({ code: 'not_found', path: text }, `${problem}: ${hint}.`)
}
