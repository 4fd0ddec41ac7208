import type { CampaignId, DeviceId, ProfileId } from '../../protocol/index.ts'
import type {
  CampaignRow,
  CampaignsFilter,
  FrameRow,
  FramesFilter,
  JudgementRow,
  JudgementsFilter,
  PlaceRow,
  ProfileRow,
  SensorRow,
  WindowRow,
  WindowsFilter,
} from './rows.ts'
import { readFrames, readFramesAbove } from './sqlite-frames.ts'
import { campaignRow, judgementRow, placeRow, profileRow, sensorRow, windowRow } from './sqlite-sensing-rows.ts'
import type { Statements } from './statements.ts'
import { Where } from './where.ts'

const PLACES = 'SELECT p.*, d.id AS device_id FROM place p JOIN device d ON d.no = p.device ORDER BY d.id'
const SENSORS =
  'SELECT s.*, d.id AS device_id, r.id AS rival_id FROM sensor s JOIN device d ON d.no = s.device ' +
  'LEFT JOIN device r ON r.no = s.rival ORDER BY s.id'
const CHANNELS = 'SELECT sensor, quantity FROM profile_channel WHERE profile = ? ORDER BY position'
const CAMPAIGNS = 'SELECT c.*, s.spec FROM campaign c JOIN campaign_spec s ON s.campaign = c.no'
// The planner must begin with the judgements: joined the other way round, every row would be sorted by time.
const JUDGEMENTS =
  'SELECT j.*, c.id AS campaign_id, s.id AS sensor_id, d.id AS device_id FROM judgement j ' +
  'CROSS JOIN campaign c ON c.no = j.campaign CROSS JOIN sensor s ON s.no = j.sensor CROSS JOIN device d ON d.no = j.device'

/** The read half of the store, for sensing. */
export class SqliteSensingReader {
  private readonly statements: Statements

  constructor(statements: Statements) {
    this.statements = statements
  }

  places(): PlaceRow[] {
    return this.statements.plain(PLACES).all().map(placeRow)
  }

  sensors(): SensorRow[] {
    return this.statements.plain(SENSORS).all().map(sensorRow)
  }

  profile(id: ProfileId): ProfileRow | null {
    const row = this.statements.plain('SELECT no, bytes FROM profile WHERE id = ?').get(id)
    if (row?.no === undefined) return null
    return profileRow(id, row, this.statements.plain(CHANNELS).all(row.no))
  }

  frameIdMax(): number {
    return Number(this.statements.plain('SELECT coalesce(max(id), 0) AS id FROM frame').get()?.id)
  }

  hasFrame(device: DeviceId, seq: number): boolean {
    const sql = 'SELECT 1 FROM frame WHERE device = (SELECT no FROM device WHERE id = ?) AND seq = ?'
    return this.statements.plain(sql).get(device, seq) !== undefined
  }

  frames(filter: FramesFilter): Iterable<FrameRow> {
    return readFrames(this.statements, filter)
  }

  framesAbove(id: number): Iterable<FrameRow> {
    return readFramesAbove(this.statements, id)
  }

  campaigns({ states, submitter, limit }: CampaignsFilter = {}): CampaignRow[] {
    const where = new Where()
    if (states) where.and(`c.state IN (${states.map(() => '?').join(', ')})`, ...states)
    if (submitter !== undefined) where.and('c.submitter = ?', submitter)
    const sql = `${CAMPAIGNS}${where.sql} ORDER BY c.no DESC LIMIT ?`
    return this.statements
      .exact(sql)
      .all(...where.values, limit ?? -1)
      .map(campaignRow)
  }

  campaign(id: CampaignId): CampaignRow | null {
    const row = this.statements.exact(`${CAMPAIGNS} WHERE c.id = ?`).get(id)
    return row === undefined ? null : campaignRow(row)
  }

  judgements({ campaign, sensor, device, fromMs, toMs, limit }: JudgementsFilter): JudgementRow[] {
    const where = new Where()
    if (campaign !== undefined) where.and('j.campaign = (SELECT no FROM campaign WHERE id = ?)', campaign)
    if (sensor !== undefined) where.and('j.sensor = (SELECT no FROM sensor WHERE id = ?)', sensor)
    if (device !== undefined) where.and('j.device = (SELECT no FROM device WHERE id = ?)', device)
    where.within('j.window_ms', fromMs, toMs)
    const sql = `${JUDGEMENTS}${where.sql} ORDER BY j.window_ms, s.id, c.id LIMIT ?`
    return this.statements
      .exact(sql)
      .all(...where.values, limit ?? -1)
      .map(judgementRow)
  }

  windows({ campaign, cell, fromMs, toMs, newestFirst, limit }: WindowsFilter): WindowRow[] {
    const where = new Where()
    where.and('campaign = (SELECT no FROM campaign WHERE id = ?)', campaign)
    if (cell !== undefined) where.and('cell = ?', cell)
    where.within('window_ms', fromMs, toMs)
    // Without being told, the planner would read every cell of the campaign.
    const by = cell === undefined ? '' : ' INDEXED BY cell_window_by_cell'
    const sql = `SELECT * FROM cell_window${by}${where.sql} ORDER BY window_ms ${newestFirst ? 'DESC' : 'ASC'}, cell LIMIT ?`
    const rows = this.statements.plain(sql).all(...where.values, limit ?? -1)
    return rows.map(row => windowRow(campaign, row))
  }
}
