/** Rows of people: who was invited, who hands in work, and what devices ask. The log knows them by what they do. */
import { expectNone, type RowScene } from './row-scene.ts'

const CLAIMS = 'SELECT id, owner, used_by FROM claim WHERE used_by IS NOT NULL'
const UNFIT_CLAIMS =
  "SELECT id FROM claim WHERE length(key) <> 32 OR length(id) <> 16 OR id GLOB '*[^0-9a-f]*' OR expires_at_ms < 0"
const NO_SUBMITTER =
  "SELECT substr(a.id, 11) AS name FROM account a WHERE a.id GLOB 'submitter:*' " +
  'AND NOT EXISTS (SELECT 1 FROM submitter s WHERE s.name = substr(a.id, 11))'
const UNFIT_SUBMITTERS = 'SELECT name FROM submitter WHERE length(token_hash) <> 32 OR created_at_ms < 0'
const FLOORS =
  'SELECT d.id FROM floor f LEFT JOIN device d ON d.no = f.device ' +
  'WHERE f.gigafuel_micro < 0 OR f.reading_micro < 0 OR f.seq < 1 OR d.id IS NULL'

/** Compares claims, submitters and floors. */
export function comparePeople(scene: RowScene): void {
  const { db, replay, problems } = scene
  for (const { id, owner, used_by } of db.each(CLAIMS)) {
    const device = replay.devices.find(String(used_by))
    if (device !== undefined && device.owner === owner) continue
    const found = device === undefined ? 'no device of the log' : `a device of ${device.owner}`
    problems.add('row.claim', null, `The claim ${id} of ${owner} was used by ${used_by}, ${found}.`)
  }
  expectNone(scene, 'row.claim', UNFIT_CLAIMS, ({ id }) => `The claim ${id} is none that can be used.`)
  expectNone(scene, 'row.submitter', NO_SUBMITTER, ({ name }) => `${name} has an account and is no submitter.`)
  expectNone(scene, 'row.submitter', UNFIT_SUBMITTERS, ({ name }) => `Nobody can be the submitter ${name}.`)
  expectNone(scene, 'row.floor', FLOORS, ({ id }) => `What the device ${id} asks is none that can be asked.`)
}
