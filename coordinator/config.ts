/** Settings of a region that its owner may change; each with range, default and unit. */
import { ConfigError, LIMITS } from '../protocol/index.ts'

export interface RegionPolicy {
  /** Price of 10^9 fuel in micro-credits. 1..10^12, default 10 000: a hundred seconds of a Raspberry Pi cost a credit. */
  gigafuelPriceMicro: bigint
  /** The region's fee on top of what devices are paid, in basis points. 0..5 000, default 500. */
  feeBasisPoints: number
  /** Earnings stay in holdback for one to two windows of this length. 1 000 ms..90 days, default 24 h. */
  holdbackWindowMs: number
  /** How long a lease should take on its device. 50..600 000, default 2 000. */
  leaseTargetMs: number
  /** A lease that is not back after this is handed to another device. At least 1 000, default 30 000. */
  leaseTimeoutMinMs: number
  /** A disconnected device keeps its leases this long. 0..3 600 000, default 10 000. */
  disconnectGraceMs: number
  /** Heartbeat asked of devices. 1 000..600 000, default 15 000. */
  heartbeatMs: number
  /** Assumed share of saboteurs, Sarmenta's f. 0.001..0.45, default 0.1. */
  saboteurShare: number
  /**
   * Threads that check devices' signatures beside the coordinator's own. 0..16, 0 checks them there. Default: one for each
   * processor beyond the second, at most two.
   */
  verifyThreads: number
  /** Most devices the region enrols. Default 10 000. */
  devicesMax: number
  /** Prices move and earnings are paid out once an epoch of this length. 1 000 ms..31 days, default 24 h. */
  epochMs: number
  /** Share of the capacity that prices aim to keep at work. 0.1..0.95, default 0.7. */
  targetUtilisation: number
  /** Prices move by at most this part an epoch; 0 keeps them where they are. 0..0.5, default 0.1. */
  priceStepMax: number
  /**
   * How long devices are asked at a time when the region finds out what they can do. 500 ms..10 min, default 20 s. Longer counts devices better whose
   * leases are long.
   */
  checkWindowMs: number
  /**
   * Most of devices' time that goes into that; 0 checks nothing. Where an epoch has too little of it, checks are made in some epochs only, at
   * random. 0..0.5, default 0.00025.
   */
  checkShareMax: number
  /** Most of a job's leases that are out which one owner may hold while others are free. 0.01..1, default 0.5. */
  ownerShareMax: number
  /** The log's state is signed at least this often while it grows. 100 ms..1 h, default 10 s. */
  checkpointMs: number
  /** Devices get a receipt at most this often. 100 ms..1 day, default 60 s. */
  receiptMs: number
  /** Set aside by whoever disputes, beside what the second look costs. 1..10^12, default 10 000. */
  disputeDepositMicro: bigint
  /**
   * Most that second looks which the region opens itself may set aside or cost in an epoch; 0 opens none. 0..10^12, default 10 000 000.
   * It is also bounded by what caught devices lost and the region's fees.
   */
  recheckMicroMax: bigint
  /** A payout address counts so long after it was bound. 0..90 days, default 72 h. */
  bindingDelayMs: number
}

const BOUNDS: { [Key in keyof RegionPolicy]: readonly [min: number | bigint, max: number | bigint] } = {
  gigafuelPriceMicro: [1n, LIMITS.gigafuelPriceMicroMax],
  feeBasisPoints: [0, 5_000],
  holdbackWindowMs: [1_000, 90 * 86_400_000],
  leaseTargetMs: [50, 600_000],
  leaseTimeoutMinMs: [1_000, 86_400_000],
  disconnectGraceMs: [0, 3_600_000],
  heartbeatMs: [1_000, 600_000],
  saboteurShare: [0.001, 0.45],
  verifyThreads: [0, 16],
  devicesMax: [1, 1_000_000],
  epochMs: [1_000, 31 * 86_400_000],
  targetUtilisation: [0.1, 0.95],
  priceStepMax: [0, 0.5],
  checkWindowMs: [500, 600_000],
  checkShareMax: [0, 0.5],
  ownerShareMax: [0.01, 1],
  checkpointMs: [100, 3_600_000],
  receiptMs: [100, 86_400_000],
  disputeDepositMicro: [1n, 1_000_000_000_000n],
  recheckMicroMax: [0n, 1_000_000_000_000n],
  bindingDelayMs: [0, 90 * 86_400_000],
}

const DEFAULTS: RegionPolicy = {
  gigafuelPriceMicro: 10_000n,
  feeBasisPoints: 500,
  holdbackWindowMs: 86_400_000,
  leaseTargetMs: 2_000,
  leaseTimeoutMinMs: 30_000,
  disconnectGraceMs: 10_000,
  heartbeatMs: 15_000,
  saboteurShare: 0.1,
  verifyThreads: 0,
  devicesMax: 10_000,
  epochMs: 86_400_000,
  targetUtilisation: 0.7,
  priceStepMax: 0.1,
  checkWindowMs: 20_000,
  checkShareMax: 0.00025,
  ownerShareMax: 0.5,
  checkpointMs: 10_000,
  receiptMs: 60_000,
  disputeDepositMicro: 10_000n,
  recheckMicroMax: 10_000_000n,
  bindingDelayMs: 72 * 3_600_000,
}

/**
 * Fills in defaults and checks ranges.
 * @throws {ConfigError} `bad_option` naming the setting and its range
 */
export function RegionPolicy(partial: Partial<RegionPolicy> = {}): RegionPolicy {
  const policy = { ...DEFAULTS, ...partial }
  for (const key of Object.keys(BOUNDS) as (keyof RegionPolicy)[]) {
    const [min, max] = BOUNDS[key]
    if (!(policy[key] >= min && policy[key] <= max)) {
      const reason = `it must be ${min} to ${max}`
      throw new ConfigError(
        { code: 'bad_option', path: key, reason },
        `The setting ${key} is ${policy[key]}; ${reason}.`,
      )
    }
  }
  return policy
}
