/** What the records of a pack say once every base field is worked in (RFC 8428 §4.6). */
import { badSenml, type SenmlRecord } from './record.ts'

/** A record that stands by itself. */
export interface ResolvedRecord {
  /** Only where it is not 10. */
  readonly bver?: number
  readonly n: string
  readonly u?: string
  readonly v?: number
  readonly vs?: string
  readonly vb?: boolean
  readonly vd?: Uint8Array
  readonly s?: number
  /** Seconds since 1970. */
  readonly t: number
  readonly ut?: number
}

/** Seconds below this are relative to now, 2^28 and above are since 1970 (RFC 8428 §4.5.3). */
export const SENML_ABSOLUTE_FROM_S = 2 ** 28
/** The version of RFC 8428 itself, which resolved records leave out. Lower ones are those of its drafts and examples and mean the same. */
const VERSION_PLAIN = 10
/** With the feature "secondary units" (RFC 9100 §4): 10 + 2^4. */
export const SENML_VERSION_SECONDARY_UNITS = 26
const NAME = /^[A-Za-z0-9][A-Za-z0-9:._/-]*$/

/** Base fields as they stand after some records. */
interface Base {
  readonly bver: number
  readonly bn: string
  readonly bt: number
  readonly bu: string | undefined
  readonly bv: number | undefined
  readonly bs: number | undefined
}

/**
 * Works the base fields into the records and puts these in order of time, equal times in the order of the pack.
 * @param nowMs - what relative times are relative to
 * @throws {ProtocolError} `bad_message` for a version that is not known or changes, a name that is empty or has other characters
 *   than RFC 8428 §4.5.1 allows, or a record with neither value nor sum
 * @see spec/clauses.md [READ-4.4] [READ-4.5] [READ-4.6] [READ-4.7]
 */
export function resolveSenml(records: readonly SenmlRecord[], nowMs: number): ResolvedRecord[] {
  let base: Base = { bver: VERSION_PLAIN, bn: '', bt: 0, bu: undefined, bv: undefined, bs: undefined }
  const resolved = records.map((record, index) => {
    base = nextBase(base, record, index)
    return resolveOne(base, record, index, nowMs / 1_000)
  })
  return resolved.sort((a, b) => a.t - b.t)
}

function nextBase(base: Base, record: SenmlRecord, index: number): Base {
  const bver = record.bver ?? base.bver
  if (bver > VERSION_PLAIN && bver !== SENML_VERSION_SECONDARY_UNITS) {
    throw badSenml(`[${index}].bver`, `must be at most ${VERSION_PLAIN}, or ${SENML_VERSION_SECONDARY_UNITS}`)
  }
  if (index > 0 && bver !== base.bver) throw badSenml(`[${index}].bver`, 'must be the same in all records')
  const { bn = base.bn, bt = base.bt, bu = base.bu, bv = base.bv, bs = base.bs } = record
  return { bver, bn, bt, bu, bv, bs }
}

function resolveOne(base: Base, record: SenmlRecord, index: number, nowS: number): ResolvedRecord {
  const n = base.bn + (record.n ?? '')
  if (!NAME.test(n)) {
    throw badSenml(
      `[${index}].n`,
      'must be of A-Z a-z 0-9 - : . / _ and begin with a letter or digit, base name included',
    )
  }
  const u = record.u ?? base.bu
  const time = base.bt + (record.t ?? 0)
  const value = withBase(base, record)
  const s = record.s === undefined && base.bs === undefined ? undefined : (record.s ?? 0) + (base.bs ?? 0)
  if (value === null && s === undefined) throw badSenml(`[${index}]`, 'must have a value or a sum')
  return {
    ...(base.bver > VERSION_PLAIN && { bver: base.bver }),
    n,
    ...(u !== undefined && { u }),
    ...value,
    ...(s !== undefined && { s }),
    t: time < SENML_ABSOLUTE_FROM_S ? nowS + time : time,
    ...(record.ut !== undefined && { ut: record.ut }),
  }
}

/** A number with its base; of the two a missing one counts as 0. Other kinds of values have no base. */
function withBase(base: Base, { v, vs, vb, vd }: SenmlRecord): Pick<ResolvedRecord, 'v' | 'vs' | 'vb' | 'vd'> | null {
  if (vs !== undefined) return { vs }
  if (vb !== undefined) return { vb }
  if (vd !== undefined) return { vd }
  if (v === undefined && base.bv === undefined) return null
  return { v: (v ?? 0) + (base.bv ?? 0) }
}
