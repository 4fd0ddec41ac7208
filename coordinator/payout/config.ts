/** How a region pays out, as its operator sets it; each setting with range, default and unit. */
import { ConfigError, LIMITS, PAYOUT_METHODS } from '../../protocol/index.ts'

/** `points` leaves earnings where they are; `csv` is a file for people paid in ordinary money; `chain` a distributor contract. */
export type PayoutMethod = (typeof PAYOUT_METHODS)[number]

/** So many base units of a token for so many micro-credits, both whole, so that no conversion ever rounds. Fixed for ever. */
export interface CreditScale {
  readonly baseUnits: bigint
  readonly micro: bigint
}

/** The distributor contract that earnings are claimed from. Addresses are `0x` and 40 lower-case hexadecimal digits. */
export interface ChainTerms {
  /** 1..2^53-1 */
  readonly chainId: number
  readonly contract: string
  /** Who signs the roots, ascending, 1 to 32; the same as in the contract. */
  readonly signers: readonly string[]
  /** How many of them must sign, 1 to all. Default: more than half. */
  readonly threshold: number
  /** Default: one base unit is a micro-credit, as for a token with six decimals that is worth a credit. */
  readonly creditScale: CreditScale
}

export interface PayoutConfig {
  /** Default `points`: credits stay, nothing is transferable. */
  readonly method: PayoutMethod
  /** Whoever has less available than this waits for a later epoch. 1..10^15, default a credit. Above the fee. */
  readonly minimumMicro: bigint
  /**
   * What sending money costs, for `csv`: kept back from the amount once for a payee and epoch, and paid to whoever sends it. 0..10^15,
   * default 0. Whoever claims from a contract pays for that itself.
   */
  readonly feeMicro: bigint
  /** A file that nobody confirmed for so long has not been paid, and the money goes back. 1 min..366 days, default 60 days. */
  readonly confirmMs: number
  /** Needed for `chain`, and for nothing else. */
  readonly chain: ChainTerms | null
}

/** What an operator writes; the rest has defaults. Addresses may be in mixed case. */
export interface PayoutSettings extends Partial<Omit<PayoutConfig, 'chain'>> {
  readonly chain?: Pick<ChainTerms, 'chainId' | 'contract' | 'signers'> &
    Partial<Pick<ChainTerms, 'threshold' | 'creditScale'>>
}

const MICRO_MAX = 10n ** 15n
/** With it, what every credit there can be is in base units still fits the contract's 128 bits. */
const SCALE_MAX = 10n ** 18n
const CONFIRM_MS_MAX = 366 * 86_400_000
const SIGNERS_MAX = 32
const ADDRESS = /^0x[0-9a-f]{40}$/i

/**
 * Fills in defaults and checks ranges.
 * @throws {ConfigError} `bad_option` naming the setting and what it must be
 */
export function PayoutConfig(settings: PayoutSettings = {}): PayoutConfig {
  const { method = 'points', minimumMicro = 1_000_000n, feeMicro = 0n, confirmMs = 60 * 86_400_000 } = settings
  if (!PAYOUT_METHODS.includes(method)) throw refused('method', method, `it must be ${PAYOUT_METHODS.join(', ')}`)
  if (feeMicro < 0n || feeMicro > MICRO_MAX) throw refused('feeMicro', feeMicro, `it must be 0 to ${MICRO_MAX}`)
  if (minimumMicro <= feeMicro || minimumMicro > MICRO_MAX)
    throw refused('minimumMicro', minimumMicro, `it must be above the fee of ${feeMicro}, and at most ${MICRO_MAX}`)
  if (!Number.isSafeInteger(confirmMs) || confirmMs < 60_000 || confirmMs > CONFIRM_MS_MAX)
    throw refused('confirmMs', confirmMs, `it must be 60000 to ${CONFIRM_MS_MAX}`)
  if ((settings.chain !== undefined) !== (method === 'chain'))
    throw refused('chain', method, "it goes with the method 'chain', and with that alone")
  const chain = settings.chain === undefined ? null : chainTerms(settings.chain)
  if (chain !== null && feeMicro !== 0n)
    throw refused('feeMicro', feeMicro, 'it must be 0, since whoever claims from a contract pays for that')
  return { method, minimumMicro, feeMicro, confirmMs, chain }
}

function chainTerms(settings: NonNullable<PayoutSettings['chain']>): ChainTerms {
  const { chainId, creditScale = { baseUnits: 1n, micro: 1n } } = settings
  if (!Number.isSafeInteger(chainId) || chainId < 1) throw refused('chain.chainId', chainId, 'it must be 1 to 2^53-1')
  const contract = addressOf('chain.contract', settings.contract)
  const signers = settings.signers.map((text, index) => addressOf(`chain.signers.${index}`, text)).sort()
  if (signers.length < 1 || signers.length > SIGNERS_MAX)
    throw refused('chain.signers', signers.length, `there must be 1 to ${SIGNERS_MAX} of them`)
  if (new Set(signers).size !== signers.length) throw refused('chain.signers', signers.join(), 'each must be another')
  const { threshold = Math.floor(signers.length / 2) + 1 } = settings
  if (!Number.isSafeInteger(threshold) || threshold < 1 || threshold > signers.length)
    throw refused('chain.threshold', threshold, `it must be 1 to ${signers.length}, the number of signers`)
  for (const name of ['baseUnits', 'micro'] as const) {
    const value = creditScale[name]
    if (value < 1n || value > SCALE_MAX)
      throw refused(`chain.creditScale.${name}`, value, `it must be 1 to ${SCALE_MAX}`)
  }
  return { chainId, contract, signers, threshold, creditScale }
}

function addressOf(path: string, text: string): string {
  if (ADDRESS.test(text)) return text.toLowerCase()
  throw refused(path, String(text).slice(0, LIMITS.reasonBytesMax), 'it must be 0x and 40 hexadecimal digits')
}

function refused(path: string, value: unknown, reason: string): ConfigError {
  const name = `payout.${path}`
  return new ConfigError({ code: 'bad_option', path: name, reason }, `The setting ${name} is ${value}: ${reason}.`)
}
