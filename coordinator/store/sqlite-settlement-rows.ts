/** From database columns to rows of settlement, as `sqlite-rows.ts` does for the others. */
import type { CampaignId, DeviceId, JobId, SensorId } from '../../protocol/index.ts'
import type {
  BindingRow,
  CheckpointRow,
  DisputeRow,
  DisputeState,
  EpochRow,
  EpochState,
  FloorRow,
  HoldRow,
  PayoutRow,
  PeerRow,
  PriceRow,
  ReceiptRow,
  TransferKind,
} from './rows.ts'
import { bigInt, blob, type Columns, int, nullable, text } from './sqlite-columns.ts'

/** A row of `hold` with the ids of its accounts as `debit_id` and `credit_id`, read as bigint. */
export function holdRow(columns: Columns): HoldRow {
  return {
    purpose: text(columns, 'purpose'),
    kind: text(columns, 'kind') as TransferKind,
    debit: text(columns, 'debit_id'),
    credit: text(columns, 'credit_id'),
    leftMicro: bigInt(columns, 'left_micro'),
    posts: int(columns, 'posts'),
    atMs: int(columns, 'at_ms'),
    timeoutMs: int(columns, 'timeout_ms'),
  }
}

/** A row of `checkpoint`. */
export function checkpointRow(columns: Columns): CheckpointRow {
  return { size: int(columns, 'size'), note: text(columns, 'note'), atMs: int(columns, 'at_ms') }
}

/** A row of `receipt` with the id of its device as `device_id`, read as bigint. */
export function receiptRow(columns: Columns): ReceiptRow {
  return {
    device: text(columns, 'device_id') as DeviceId,
    seq: int(columns, 'seq'),
    entry: int(columns, 'entry'),
    earnedMicro: bigInt(columns, 'earned_micro'),
    lostMicro: bigInt(columns, 'lost_micro'),
    releasedMicro: bigInt(columns, 'released_micro'),
    paidOutMicro: bigInt(columns, 'paid_out_micro'),
  }
}

/** A whole row of `peer`. */
export function peerRow(columns: Columns): PeerRow {
  return {
    origin: text(columns, 'origin'),
    logKey: text(columns, 'log_key'),
    witnessKey: text(columns, 'witness_key'),
    url: text(columns, 'url'),
    size: int(columns, 'size'),
    root: blob(columns, 'root'),
    addedAtMs: int(columns, 'added_at_ms'),
  }
}

/** A row of `floor` with the id of its device as `device_id`, read as bigint. */
export function floorRow(columns: Columns): FloorRow {
  return {
    device: text(columns, 'device_id') as DeviceId,
    gigafuelMicro: bigInt(columns, 'gigafuel_micro'),
    readingMicro: bigInt(columns, 'reading_micro'),
    seq: int(columns, 'seq'),
  }
}

/** A whole row of `price`, read as bigint. */
export function priceRow(columns: Columns): PriceRow {
  return { what: text(columns, 'what'), priceMicro: bigInt(columns, 'price_micro'), epoch: int(columns, 'epoch') }
}

/** A row of `binding` with the id of its device as `device_id`. */
export function bindingRow(columns: Columns): BindingRow {
  return {
    device: text(columns, 'device_id') as DeviceId,
    seq: int(columns, 'seq'),
    address: blob(columns, 'address'),
    boundAtMs: int(columns, 'bound_at_ms'),
    effectiveAtMs: int(columns, 'effective_at_ms'),
  }
}

/** A whole row of `epoch`, read as bigint. */
export function epochRow(columns: Columns): EpochRow {
  return {
    epoch: int(columns, 'epoch'),
    method: text(columns, 'method') as EpochRow['method'],
    state: text(columns, 'state') as EpochState,
    closedAtMs: int(columns, 'closed_at_ms'),
    root: blob(columns, 'root'),
    payees: int(columns, 'payees'),
    epochMicro: bigInt(columns, 'epoch_micro'),
    totalMicro: bigInt(columns, 'total_micro'),
    signatures: text(columns, 'signatures'),
  }
}

/** A whole row of `payout`, read as bigint. */
export function payoutRow(columns: Columns): PayoutRow {
  return {
    epoch: int(columns, 'epoch'),
    payee: text(columns, 'payee'),
    amountMicro: bigInt(columns, 'amount_micro'),
    feeMicro: bigInt(columns, 'fee_micro'),
    cumulativeMicro: bigInt(columns, 'cumulative_micro'),
  }
}

/** A row of `dispute` with the ids of what it names as `job_id`, `campaign_id` and `sensor_id`, read as bigint. */
export function disputeRow(columns: Columns): DisputeRow {
  return {
    id: text(columns, 'id'),
    account: text(columns, 'account'),
    depositMicro: bigInt(columns, 'deposit_micro'),
    reason: text(columns, 'reason'),
    state: text(columns, 'state') as DisputeState,
    detail: text(columns, 'detail'),
    openedAtMs: int(columns, 'opened_at_ms'),
    endedAtMs: nullable(int, columns, 'ended_at_ms'),
    lease: nullable(int, columns, 'lease'),
    job: nullable(text, columns, 'job_id') as JobId | null,
    campaign: nullable(text, columns, 'campaign_id') as CampaignId | null,
    windowMs: nullable(int, columns, 'window_ms'),
    sensor: nullable(text, columns, 'sensor_id') as SensorId | null,
  }
}
