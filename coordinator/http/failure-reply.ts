import { ConfigError, LedgerError, ProtocolError, TaskError } from '../../protocol/index.ts'
import { API_STATUS, ApiError } from './admin-api.ts'

/** What the asker is told of a failure. */
export interface FailureReply {
  status: number
  code: string
  message: string
}

const CONFIG_STATUS: Readonly<Record<ConfigError['code'], number>> = {
  bad_job: 400,
  bad_campaign: 400,
  bad_option: 400,
  not_found: 404,
  in_use: 409,
  no_space: 507,
  newer_data: 500,
  damaged: 500,
}

const LEDGER_STATUS: Readonly<Record<LedgerError['code'], number>> = {
  bad_amount: 400,
  unknown_account: 404,
  insufficient: 409,
}

/** The reply for whatever a request threw. What is no failure of the asker's is told without details. */
export function failureReply(thrown: unknown): FailureReply {
  if (thrown instanceof ApiError) return { status: thrown.status, code: thrown.code, message: thrown.message }
  if (thrown instanceof ProtocolError || thrown instanceof TaskError)
    return { status: 400, code: thrown.code, message: thrown.message }
  if (thrown instanceof LedgerError)
    return { status: LEDGER_STATUS[thrown.code], code: thrown.code, message: thrown.message }
  if (thrown instanceof ConfigError && CONFIG_STATUS[thrown.code] < 500) {
    return { status: CONFIG_STATUS[thrown.code], code: thrown.code, message: thrown.message }
  }
  if (thrown instanceof ConfigError && thrown.code === 'no_space') {
    return {
      status: API_STATUS.no_space,
      code: 'no_space',
      message: 'The coordinator has no space left: ask its operator.',
    }
  }
  const message = 'The coordinator failed at this request; its log says why. Try again, or tell its operator.'
  return { status: API_STATUS.internal, code: 'internal', message }
}
