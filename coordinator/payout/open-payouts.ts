/** Builds the department from its rows, and loads what knows chains when the region pays out on one. */
import { ConfigError, type Random } from '../../protocol/index.ts'
import type { RegionPolicy } from '../config.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { EpochRow, Store } from '../store/rows.ts'
import type { ChainTerms, PayoutConfig } from './config.ts'
import { EPOCH_DONE, Payouts } from './payouts.ts'
import type { RootSigner } from './root-signer.ts'

/** The contract that this region pays into, from its first root on. */
const CHAIN_KEPT = 'payout-chain'
const ADDRESS_ACCOUNT = /^payout:(0x[0-9a-f]{40})$/

export interface PayoutsParts {
  readonly store: Pick<Store, 'accounts' | 'epochs' | 'bindings' | 'meta' | 'commit'>
  readonly ledger: Ledger
  readonly fleet: Fleet
  readonly policy: RegionPolicy
  readonly random: Random
}

/**
 * @param keyPath - where this coordinator's key for roots is; made there when it is needed and missing
 * @param wallMs - now
 * @throws {ConfigError} `bad_option` when the settings do not go with what was paid before
 */
export async function openPayouts(
  parts: PayoutsParts,
  config: PayoutConfig,
  keyPath: string,
  wallMs: number,
): Promise<Payouts> {
  const { store, ledger, fleet, policy } = parts
  const epochs = store.epochs()
  const doneThrough = doneEpoch(store.meta(EPOCH_DONE), policy.epochMs)
  if (doneThrough === null && config.method !== 'points') checkNumbers(epochs, policy.epochMs, wallMs)
  const accounts = store.accounts().map(({ id }) => id)
  const addresses = accounts.flatMap(id => ADDRESS_ACCOUNT.exec(id)?.[1] ?? [])
  const rootSigner =
    config.chain === null ? null : await openRootSigner(parts, config.chain, keyPath, addresses.length > 0)
  const rows = { epochs, bindings: store.bindings(), addresses, doneThrough }
  return new Payouts({ ledger, fleet, policy, config, rootSigner }, rows)
}

/** The newest epoch of this length that is done; null when epochs had another length, so that counting begins anew. */
function doneEpoch(kept: string | null, epochMs: number): number | null {
  const [done = 0, keptMs = 0] = kept === null ? [] : kept.split('/').map(Number)
  return keptMs === epochMs ? done : null
}

/** Epochs are counted from 1970 in their own length, and the number of one that was paid is never used again. */
function checkNumbers(epochs: readonly EpochRow[], epochMs: number, wallMs: number): void {
  const newest = Math.max(-1, ...epochs.map(({ epoch }) => epoch))
  if (newest < Math.floor(wallMs / epochMs)) return
  const reason = `epochs were shorter and epoch ${newest} was paid, so longer ones would have its number again`
  throw new ConfigError(
    { code: 'bad_option', path: 'epochMs', reason },
    `The setting epochMs is ${epochMs}: ${reason}.`,
  )
}

async function openRootSigner(
  { store, random }: PayoutsParts,
  terms: ChainTerms,
  keyPath: string,
  hasPaid: boolean,
): Promise<RootSigner> {
  const { checksummed, openPayoutKey, rootSignerOf } = await import('./chain/index.ts')
  const signer = rootSignerOf(terms, openPayoutKey(keyPath, random))
  const { chainId, contract, creditScale } = terms
  const chosen = JSON.stringify([chainId, contract, `${creditScale.baseUnits}`, `${creditScale.micro}`])
  const kept = store.meta(CHAIN_KEPT)
  if (kept !== null && kept !== chosen && hasPaid) {
    // Amounts are cumulative: another contract would pay everything again.
    const reason = `this region has paid into ${checksummed(JSON.parse(kept)[1])} of chain ${JSON.parse(kept)[0]}, and contract and scale stay as they are`
    throw new ConfigError(
      { code: 'bad_option', path: 'payout.chain', reason },
      `The setting payout.chain names ${chosen}: ${reason}.`,
    )
  }
  if (kept !== chosen) store.commit([{ table: 'meta', key: CHAIN_KEPT, value: chosen }])
  return signer
}
