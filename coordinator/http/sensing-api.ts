/** The part of the administration that is about sensing. The shapes are those of protocol/sensing/api-types.ts. */
import type {
  Campaign,
  CellWindow,
  Evidence,
  EvidenceQuery,
  ReadingsQuery,
  SensorSummary,
  WindowsQuery,
} from '../../protocol/index.ts'
import type { Explanation } from './admin-api.ts'

/** Readings as they are written out, piece by piece. */
export interface ReadingsReply {
  readonly mediaType: string
  readonly chunks: Iterable<Uint8Array>
}

/** Each method names its route, as in {@link AdminApi}. */
export interface SensingAdminApi {
  /** `POST /api/campaigns` with the specification; an operator names the payer in `?submitter=`. 201 */
  campaignSubmit(submitter: string, specification: unknown): Promise<Campaign>
  /** `GET /api/campaigns`; newest first; an operator may give `?submitter=`. */
  campaignList(filter: { submitter?: string }): Promise<Campaign[]>
  /** `GET /api/campaigns/:id` */
  campaign(id: string): Promise<Campaign>
  /** `GET /api/campaigns/:id/explain` */
  campaignExplain(id: string): Promise<Explanation>
  /** `POST /api/campaigns/:id/stop` */
  campaignStop(id: string): Promise<Campaign>
  /** `GET /api/campaigns/:id/windows?from=&to=&cell=`; the same as CSV at `…/windows.csv`. */
  campaignWindows(id: string, query: WindowsQuery): Promise<CellWindow[]>
  /** `GET /api/sensors` */
  sensorList(): Promise<SensorSummary[]>
  /** `GET /api/evidence?campaign=&sensor=&window=` */
  evidence(query: EvidenceQuery): Promise<Evidence>
}

/** What only the coordinator itself can do, since the answer is written while it is read. */
export interface SensingStreams {
  /** `GET /api/sensors/:id/readings?from=&to=&campaign=&format=` */
  readings(sensor: string, query: ReadingsQuery): ReadingsReply
  /** `GET /api/campaigns/:id/readings?from=&to=&format=` */
  campaignReadings(id: string, query: Omit<ReadingsQuery, 'campaign'>): ReadingsReply
}
