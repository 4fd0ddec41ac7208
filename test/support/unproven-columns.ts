/** Columns of a coordinator's database of which only the sum of their row says whether they were changed: neither the log nor another row can. `docs/settlement.md` lists them. */

/** Why nothing else is said of a column. */
export interface Unproven {
  readonly why: string
  /** Of which rows something is said all the same, as a condition of SQL. */
  readonly butWhere?: string
  /** All values are known to be right or wrong, but not whether one was there. */
  readonly mayBeCleared?: true
}

const NUMBER: Unproven = { why: 'a number by which rows name each other; it means nothing by itself' }
const CLOCK: Unproven = { why: "a time of the coordinator's clock that no entry tells" }
const SECRET: Unproven = { why: 'the hash of a secret' }
const WORDS: Unproven = { why: 'words for people' }
const OPINION: Unproven = { why: "the coordinator's own opinion or bookkeeping" }
const SPOKEN: Unproven = { why: 'what a device said over its connection, which is not kept' }
const PAID = "state = 'accepted'"
const UNPAID_LEASE: Unproven = { why: 'nobody was paid for this lease', butWhere: PAID }
const IS_UNDISPUTED = 'NOT EXISTS (SELECT 1 FROM dispute d WHERE d.job ='
const NEWEST =
  'revision = (SELECT max(revision) FROM judgement n WHERE n.campaign = judgement.campaign AND n.window_ms = judgement.window_ms)'
const SECOND_LOOK = 'a second look at the job has leases too'
const META = "key IN ('transfers-before-log', 'logged-policy', 'region-name')"

const OR_BLOB: Unproven = { why: 'an answer that is not in the row may be a blob', mayBeCleared: true }

/** By table and column; `*` is every column. */
export const UNPROVEN: Readonly<Record<string, Readonly<Record<string, Unproven>>>> = {
  accepted: { outputs: OR_BLOB },
  campaign: {
    no: NUMBER,
    ref: WORDS,
    reason: { ...WORDS, butWhere: "state IN ('running', 'settling')" },
    frame_bytes: OPINION,
  },
  checkpoint: { at_ms: CLOCK, no: NUMBER },
  claim: {
    id: SECRET,
    key: SECRET,
    owner: { why: 'nobody has used this claim', butWhere: 'used_by IS NOT NULL' },
    expires_at_ms: CLOCK,
    used_by: { why: 'whoever joined with a claim is not in the log', mayBeCleared: true },
  },
  device: {
    no: NUMBER,
    label: WORDS,
    counter: SPOKEN,
    checks_passed: OPINION,
    statement_seq: OPINION,
    decayed_at_ms: CLOCK,
    drain_reason: WORDS,
    units_accepted: { why: 'of a device that was caught or revoked', butWhere: "standing = 'joined'" },
    units_rejected: { why: 'of a device that was caught or revoked', butWhere: "standing = 'joined'" },
  },
  dispute: { no: NUMBER, reason: WORDS },
  epoch: { signatures: { why: 'a contract checks them' } },
  exclusion: { '*': WORDS },
  passed_over: { '*': WORDS },
  floor: { '*': { why: 'the statement that said so is not kept' } },
  frame: { received_at_ms: CLOCK },
  hold: { no: NUMBER },
  job: {
    no: NUMBER,
    ref: WORDS,
    reason: { ...WORDS, butWhere: "state NOT IN ('failed', 'cancelled')" },
    failed_units: { why: 'some may have failed only when they were put together' },
    leases: { why: SECOND_LOOK, butWhere: `${IS_UNDISPUTED} job.no)` },
    speculative_leases: { why: SECOND_LOOK, butWhere: `${IS_UNDISPUTED} job.no)` },
    replica_leases: OPINION,
    result_bytes: { why: 'the answer is a blob' },
    expected_wrong_units: OPINION,
  },
  judgement: {
    cell: { why: 'a newer revision of the window went without this sensor', butWhere: NEWEST },
    place: SPOKEN,
    rank: { why: 'among equals the one that served longer comes first' },
  },
  lease: {
    device: UNPAID_LEASE,
    first_unit: UNPAID_LEASE,
    unit_count: UNPAID_LEASE,
    digest: UNPAID_LEASE,
    outputs: OR_BLOB,
    issued_at_ms: CLOCK,
    lease_ms: OPINION,
    speculative: { why: SECOND_LOOK, butWhere: `${IS_UNDISPUTED} lease.job)` },
    placement: WORDS,
  },
  meta: { key: { ...OPINION, butWhere: META }, value: { ...OPINION, butWhere: META } },
  owner: { name: { why: 'to whom the operator gave a token' }, token_hash: SECRET, created_at_ms: CLOCK },
  peer: {
    url: { why: 'where another region is reached' },
    size: { why: "the other region's log" },
    root: { why: "the other region's log" },
    added_at_ms: CLOCK,
  },
  place: { '*': SPOKEN },
  sensor: { no: NUMBER, device: SPOKEN, channels: SPOKEN, first_seen_ms: CLOCK, placed_since_ms: CLOCK, rival: SPOKEN },
  submitter: { token_hash: SECRET, created_at_ms: CLOCK },
}
