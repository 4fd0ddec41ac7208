/** Payouts for the operator. */
import { toHex } from '../../protocol/index.ts'
import type { RegionPolicy } from '../config.ts'
import { ApiError } from '../http/admin-api.ts'
import type { PayoutAdminApi, PayoutEpoch, PayoutFiles, PayoutTerms } from '../http/payout-api.ts'
import {
  type ChainTerms,
  epochFile,
  type Payouts,
  paidRows,
  paidThrough,
  type SettleStatus,
  signaturesOf,
} from '../payout/index.ts'
import type { Region } from '../region.ts'
import type { EpochRow, Store } from '../store/rows.ts'

export interface PayoutAdminComponents {
  region: Pick<Region, 'step' | 'committed' | 'fleet'>
  store: Pick<Store, 'payouts' | 'transferFor'>
  payouts: Payouts
  policy: Pick<RegionPolicy, 'epochMs'>
}

const HINT = '`hedgerow payout list` shows them.'

export function createPayoutAdmin(components: PayoutAdminComponents): PayoutAdminApi & PayoutFiles {
  const { region, store, payouts, policy } = components

  const rowOf = (epoch: number): EpochRow => {
    const row = payouts.epoch(epoch)
    if (!row) throw new ApiError('not_found', `No epoch ${epoch} was paid out in this region. ${HINT}`)
    return row
  }
  const view = (row: EpochRow): PayoutEpoch => ({
    epoch: row.epoch,
    fromMs: row.epoch * policy.epochMs,
    toMs: (row.epoch + 1) * policy.epochMs,
    method: row.method,
    state: row.state,
    closedAtMs: row.closedAtMs,
    root: toHex(row.root),
    payees: row.payees,
    epochMicro: `${row.epochMicro}`,
    totalMicro: `${row.totalMicro}`,
    signers: signaturesOf(row).map(({ signer }) => signer),
  })
  /** The tree of an epoch, and what knows it. */
  const chainEpoch = async (epoch: number) => {
    const row = rowOf(epoch)
    const terms = payouts.config.chain
    if (row.method !== 'chain' || terms === null) {
      throw new ApiError('conflict', `Epoch ${epoch} was not paid out on the chain of this region. ${HINT}`)
    }
    const chain = await import('../payout/chain/index.ts')
    const tree = chain.epochTree(terms, epoch, paidThrough(store, payouts.allEpochs(), epoch))
    if (toHex(tree.message.root) !== toHex(row.root)) {
      throw new ApiError('internal', `The rows of epoch ${epoch} do not give the root in the log: verify the ledger.`)
    }
    return { row, terms, chain, tree }
  }
  const settled = async (epoch: number, status: SettleStatus, payee?: string): Promise<PayoutEpoch> => {
    if (status === 'not_pending') throw new ApiError('conflict', notPending(rowOf(epoch)))
    if (status === 'no_such_payee')
      throw new ApiError('not_found', `Nothing of epoch ${epoch} is pending for ${payee}.`)
    await region.committed()
    return view(rowOf(epoch))
  }

  return {
    payoutList: async () => ({ terms: termsOf(components), epochs: payouts.allEpochs().map(view) }),
    payout: async epoch => {
      const row = rowOf(epoch)
      const payments = paidRows(store, region.fleet, epoch).map(paid => ({
        payee: paid.payee,
        devices: paid.devices,
        amountMicro: `${paid.amountMicro}`,
        feeMicro: `${paid.feeMicro}`,
        netMicro: `${paid.amountMicro - paid.feeMicro}`,
        cumulativeMicro: `${paid.cumulativeMicro}`,
        pending: payouts.isPending(epoch, paid.payee),
      }))
      return { ...view(row), payments }
    },
    payoutFile: epoch => {
      const row = rowOf(epoch)
      if (row.method !== 'csv') throw new ApiError('conflict', `Epoch ${epoch} was not paid out by a file. ${HINT}`)
      const file = epochFile(row, paidRows(store, region.fleet, epoch))
      if (file !== null) return file
      throw new ApiError('internal', `The rows of epoch ${epoch} do not give the file in the log: verify the ledger.`)
    },
    payoutClaims: async epoch => {
      const { row, terms, chain, tree } = await chainEpoch(epoch)
      return chain.payoutClaims(terms, tree, signaturesOf(row))
    },
    payoutConfirm: async epoch => {
      rowOf(epoch)
      return settled(
        epoch,
        region.step((now, batch) => payouts.confirm(epoch, now, batch)),
      )
    },
    payoutVoid: async (epoch, payee) => {
      rowOf(epoch)
      return settled(
        epoch,
        region.step((now, batch) => payouts.void(epoch, payee ?? null, now, batch)),
        payee,
      )
    },
    payoutSign: async (epoch, signature) => {
      const { terms, chain, tree } = await chainEpoch(epoch)
      const signer = chain.signerOfRoot(terms, tree.message, signature)
      const status = region.step((_now, batch) =>
        signer === null ? 'not_a_signer' : payouts.sign(epoch, { signer, signature: signature.toLowerCase() }, batch),
      )
      if (status === 'not_a_signer') throw new ApiError('bad_request', notASigner(epoch, terms))
      await region.committed()
      return view(rowOf(epoch))
    },
    bindingList: async () => {
      const found = region.step(now => {
        return [...region.fleet.all()].map(({ row }) => ({ row, ...payouts.bindings.of(row.id, now.wallMs) }))
      })
      return found.flatMap(({ row: { id: device, label, owner }, current, pending }) =>
        [current, pending].flatMap(bound => {
          if (bound === null) return []
          const { address, boundAtMs, effectiveAtMs } = bound
          const where = { device, label, owner, address: `0x${toHex(address)}` }
          return [{ ...where, boundAtMs, effectiveAtMs, waits: bound === pending }]
        }),
      )
    },
  }
}

function termsOf({ payouts, policy, region }: PayoutAdminComponents): PayoutTerms {
  const { method, minimumMicro, feeMicro, chain } = payouts.config
  const nextMs = region.step(now => (Math.floor(now.wallMs / policy.epochMs) + 1) * policy.epochMs)
  return {
    method,
    minimumMicro: `${minimumMicro}`,
    feeMicro: `${feeMicro}`,
    epochMs: policy.epochMs,
    nextMs,
    chain:
      chain === null
        ? null
        : {
            chainId: chain.chainId,
            contract: chain.contract,
            signers: [...chain.signers],
            threshold: chain.threshold,
            signer: payouts.signer ?? '',
            baseUnits: `${chain.creditScale.baseUnits}`,
            micro: `${chain.creditScale.micro}`,
          },
  }
}

function notPending({ epoch, method, state }: EpochRow): string {
  if (state === 'paid') return `Epoch ${epoch} is confirmed already, and what was paid stays paid.`
  if (state === 'void') return `Epoch ${epoch} is void: its money went back, and a later epoch pays it.`
  if (method === 'chain' && state === 'closed')
    return `Too few coordinators have signed epoch ${epoch} for it to be posted.`
  return `Epoch ${epoch} is for claims on a chain, which nobody can take back.`
}

function notASigner(epoch: number, { signers, contract }: ChainTerms): string {
  const whose = `none of the ${signers.length} coordinators of the contract ${contract}`
  return `This is a signature over the root of epoch ${epoch} of ${whose}: let another coordinator run \`hedgerow payout sign\`.`
}
