/** The coordinator's administration over HTTP: the same shape that the coordinator implements. */
import type { AdminApi } from '../coordinator/http/admin-api.ts'
import { request, requestJson } from './http-request.ts'

/** The administration, with the address and token it is asked with. */
export interface AdminClient extends AdminApi {
  readonly httpUrl: string
  readonly token: string
  /** `GET /api/jobs/:id/result`: the answer's bytes as they come. */
  jobResult(id: string): Promise<Response>
  /** `GET /api/jobs/:id/bill`: the CSV of the bill as it comes. */
  jobBill(id: string): Promise<Response>
}

/**
 * Speaks to the coordinator at an address.
 * Every method rejects with {@link TransportError} `unreachable`, or `RefusedError` with the coordinator's own words.
 * @param token - the operator's, or a submitter's for its own jobs
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
    deviceList: () => get('/api/devices'),
    device: id => get(`/api/devices/${part(id)}`),
    deviceExplain: id => get(`/api/devices/${part(id)}/explain`),
    deviceRevoke: (id, reason) => post(`/api/devices/${part(id)}/revoke`, { reason }),
    deviceReinstate: id => post(`/api/devices/${part(id)}/reinstate`),
    submitterAdd: submitter => post('/api/submitters', submitter),
    submitterList: () => get('/api/submitters'),
    fund: (name, amountMicro) => post(`/api/submitters/${part(name)}/fund`, { amountMicro }),
    jobSubmit: (submitter, specification) => post(`/api/jobs${query('submitter', submitter)}`, specification),
    jobList: ({ submitter }) => get(`/api/jobs${query('submitter', submitter ?? '')}`),
    job: id => get(`/api/jobs/${part(id)}`),
    jobResult: id => request(httpUrl, { method: 'GET', path: `/api/jobs/${part(id)}/result`, token }),
    jobBill: id => request(httpUrl, { method: 'GET', path: `/api/jobs/${part(id)}/bill`, token }),
    jobExplain: id => get(`/api/jobs/${part(id)}/explain`),
    jobCancel: id => post(`/api/jobs/${part(id)}/cancel`),
    paymentExplain: id => get(`/api/payments/${part(id)}`),
    ledgerBalance: account => get(`/api/ledger${query('account', account ?? '')}`),
    ledgerVerify: () => get('/api/ledger/verify'),
    metrics: () => get('/api/metrics'),
  }
}

/** One query parameter, left out when empty. */
function query(name: string, value: string): string {
  return value === '' ? '' : `?${name}=${encodeURIComponent(value)}`
}
