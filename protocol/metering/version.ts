/**
 * The version of the metering rules: the profile, the cost table, the stack limit and the treatment of NaNs. It travels in every lease and
 * every result, because replicas that count by different rules cannot agree on a bill.
 * @see spec/metering.md
 */
export const METERING_VERSION = 1
