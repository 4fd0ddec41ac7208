/** The coordinator's administration over HTTP: the same shape that the coordinator implements. */
import type { AdminApi } from '../coordinator/http/admin-api.ts'
import type { ReadingsQuery, WindowsQuery } from '../protocol/index.ts'
import { request, requestJson } from './http-request.ts'

/** The administration, with the address and token it is asked with. */
export interface AdminClient extends AdminApi {
  readonly httpUrl: string
  readonly token: string
  /** `GET /api/jobs/:id/result`: the answer's bytes as they come. */
  jobResult(id: string): Promise<Response>
  /** `GET /api/jobs/:id/bill`: the CSV of the bill as it comes. */
  jobBill(id: string): Promise<Response>
  /** `GET /api/sensors/:id/readings`: the readings as they come. */
  readings(sensor: string, query: ReadingsQuery): Promise<Response>
  /** `GET /api/campaigns/:id/windows.csv`: every window as it comes. */
  campaignWindowsCsv(id: string, query: WindowsQuery): Promise<Response>
}

/**
 * Speaks to the coordinator at an address.
 * Every method rejects with {@link TransportError} `unreachable`, or `RefusedError` with the coordinator's own words.
 * @param token - the operator's, a submitter's for its own jobs, or an owner's for its own devices
 */
export function createAdminClient(httpUrl: string, token: string): AdminClient {
  const get = <Reply>(path: string): Promise<Reply> => requestJson(httpUrl, { method: 'GET', path, token })
  const post = <Reply>(path: string, body: unknown = {}): Promise<Reply> =>
    requestJson(httpUrl, { method: 'POST', path, token, body })
  const part = encodeURIComponent
  return {
    httpUrl,
    token,
    region: () => get('/api/region'),
    claimNew: claim => post('/api/claims', claim),
    deviceList: ({ owner } = {}) => get(`/api/devices${query({ owner })}`),
    device: id => get(`/api/devices/${part(id)}`),
    deviceExplain: id => get(`/api/devices/${part(id)}/explain`),
    deviceRevoke: (id, reason) => post(`/api/devices/${part(id)}/revoke`, { reason }),
    deviceReinstate: id => post(`/api/devices/${part(id)}/reinstate`),
    deviceDrain: (id, reason) => post(`/api/devices/${part(id)}/drain`, { reason }),
    deviceUndrain: id => post(`/api/devices/${part(id)}/undrain`),
    maintenanceBegin: reason => post('/api/maintenance', { reason }),
    maintenanceEnd: () => post('/api/maintenance/end'),
    databaseSnapshot: () => post('/api/snapshot'),
    ownerAdd: name => post('/api/owners', { name }),
    ownerList: () => get('/api/owners'),
    ownerRenew: name => post(`/api/owners/${part(name)}/renew`),
    ownerRemove: name => post(`/api/owners/${part(name)}/remove`),
    publicCells: () => get('/api/public/cells'),
    publicHistory: which => get(`/api/public/history${query({ ...which })}`),
    publicTotals: () => get('/api/public/totals'),
    submitterAdd: submitter => post('/api/submitters', submitter),
    submitterList: () => get('/api/submitters'),
    fund: (name, amountMicro) => post(`/api/submitters/${part(name)}/fund`, { amountMicro }),
    jobSubmit: (submitter, specification) => post(`/api/jobs${query({ submitter })}`, specification),
    jobList: ({ submitter }) => get(`/api/jobs${query({ submitter })}`),
    job: id => get(`/api/jobs/${part(id)}`),
    jobResult: id => request(httpUrl, { method: 'GET', path: `/api/jobs/${part(id)}/result`, token }),
    jobBill: id => request(httpUrl, { method: 'GET', path: `/api/jobs/${part(id)}/bill`, token }),
    jobExplain: id => get(`/api/jobs/${part(id)}/explain`),
    jobDoubts: id => get(`/api/jobs/${part(id)}/doubts`),
    jobPlacements: id => get(`/api/jobs/${part(id)}/placements`),
    jobCancel: id => post(`/api/jobs/${part(id)}/cancel`),
    paymentExplain: id => get(`/api/payments/${part(id)}`),
    ledgerBalance: account => get(`/api/ledger${query({ account })}`),
    metrics: () => get('/api/metrics'),
    campaignSubmit: (submitter, specification) => post(`/api/campaigns${query({ submitter })}`, specification),
    campaignList: ({ submitter }) => get(`/api/campaigns${query({ submitter })}`),
    campaign: id => get(`/api/campaigns/${part(id)}`),
    campaignExplain: id => get(`/api/campaigns/${part(id)}/explain`),
    campaignStop: id => post(`/api/campaigns/${part(id)}/stop`),
    campaignWindows: (id, windows) => get(`/api/campaigns/${part(id)}/windows${query({ ...windows })}`),
    campaignWindowsCsv: (id, windows) =>
      request(httpUrl, {
        method: 'GET',
        path: `/api/campaigns/${part(id)}/windows.csv${query({ ...windows })}`,
        token,
      }),
    sensorList: () => get('/api/sensors'),
    witnessList: () => get('/api/witnesses'),
    witnessAdd: witness => post('/api/witnesses', witness),
    witnessRemove: origin => post(`/api/witnesses/${part(origin)}/remove`),
    payoutList: () => get('/api/payouts'),
    payout: epoch => get(`/api/payouts/${epoch}`),
    payoutClaims: epoch => get(`/api/payouts/${epoch}/claims`),
    payoutConfirm: epoch => post(`/api/payouts/${epoch}/confirm`),
    payoutVoid: (epoch, payee) => post(`/api/payouts/${epoch}/void`, payee === undefined ? {} : { payee }),
    payoutSign: (epoch, signature) => post(`/api/payouts/${epoch}/signatures`, { signature }),
    bindingList: () => get('/api/bindings'),
    disputeOpen: (submitter, subject, reason) =>
      post(`/api/disputes${query({ submitter: submitter ?? undefined })}`, { ...subject, reason }),
    disputeList: ({ submitter }) => get(`/api/disputes${query({ submitter })}`),
    dispute: id => get(`/api/disputes/${part(id)}`),
    priceList: () => get('/api/prices'),
    priceExplain: what => get(`/api/prices/${part(what)}/explain`),
    reputationOfDevice: id => get(`/api/reputation/devices/${part(id)}`),
    reputationOfOwner: name => get(`/api/reputation/owners/${part(name)}`),
    reputationImport: statement => post('/api/reputation', { statement }),
    trustedRegions: () => get('/api/regions'),
    regionTrust: key => post('/api/regions', { key }),
    regionDistrust: id => post(`/api/regions/${part(id)}/distrust`),
    disputeExplain: id => get(`/api/disputes/${part(id)}/explain`),
    readings: (sensor, which) =>
      request(httpUrl, { method: 'GET', path: `/api/sensors/${part(sensor)}/readings${query({ ...which })}`, token }),
    evidence: which => get(`/api/evidence${query({ ...which })}`),
  }
}

/** Query parameters; those that are not given are left out. */
function query(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== '')
  return given.length === 0
    ? ''
    : `?${given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&')}`
}
