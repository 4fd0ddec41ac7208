/** A region that pays out, on virtual time: the departments with payouts beside them, and money that falls from the sky. */
import { createHash } from 'node:crypto'
import type { Effect } from '../../coordinator/batch.ts'
import type { Member } from '../../coordinator/fleet/fleet.ts'
import { availableAccount, payoutAccount, TREASURY } from '../../coordinator/ledger/ledger.ts'
import { addressOfKey, epochTree, rootDigest, signDigest } from '../../coordinator/payout/chain/index.ts'
import { keccak256 } from '../../coordinator/payout/chain/keccak.ts'
import { PayoutConfig, type PayoutSettings, Payouts } from '../../coordinator/payout/index.ts'
import { EPOCH_DONE } from '../../coordinator/payout/payouts.ts'
import type { RootSigner } from '../../coordinator/payout/root-signer.ts'
import { type DeviceId, decodeEntry, fromHex, type LogEntry, toHex, utf8 } from '../../protocol/index.ts'
import { DepartmentWorld, honest } from './department-world.ts'

/** A secret key by a name. */
export const keyOf = (name: string): Uint8Array => keccak256(utf8(name))
export function addressOf(name: string): string {
  const known = addresses.get(name) ?? addressOfKey(keyOf(name))
  addresses.set(name, known)
  return known
}
/** Each costs a multiplication on the curve. */
const addresses = new Map<string, string>()
export const addressBytesOf = (name: string): Uint8Array => fromHex(addressOf(name).slice(2))

/** The coordinator of this region, and another one. */
export const OWN = 'own coordinator'
export const OTHER = 'other coordinator'

export const CHAIN: NonNullable<PayoutSettings['chain']> = {
  chainId: 1,
  contract: `0x${'c0'.repeat(20)}`,
  signers: [addressOf(OWN), addressOf(OTHER)],
  threshold: 2,
}

export class PayoutWorld extends DepartmentWorld {
  readonly config: PayoutConfig
  private earned = 0

  constructor(
    settings: PayoutSettings,
    policy: { epochMs?: number; bindingDelayMs?: number } = {},
    startMs = 1_000_000,
  ) {
    super({ policy: { epochMs: 10_000, bindingDelayMs: 30_000, ...policy } })
    this.config = PayoutConfig(settings)
    this.now = { wallMs: startMs, monotonicMs: 0 }
    this.reopen()
    this.pass(1)
  }

  /** Starts again from the rows, and the devices come back. */
  reopen(): void {
    this.restart()
    this.connectAll()
    const done = this.store.meta(EPOCH_DONE)
    this.payouts = new Payouts(
      {
        ledger: this.ledger,
        fleet: this.fleet,
        policy: this.policy,
        config: this.config,
        rootSigner: this.rootSigner(),
      },
      {
        epochs: this.store.epochs(),
        bindings: this.store.bindings(),
        doneThrough: done === null ? null : Number.parseInt(done, 10),
        addresses: this.store.accounts().flatMap(({ id }) => /^payout:(0x.*)$/.exec(id)?.[1] ?? []),
      },
    )
  }

  /** Enrols a device of an owner. */
  device(owner: string): DeviceId {
    const [id] = this.join([owner, honest])
    this.reopen()
    if (!id) throw new Error('a device was asked for')
    return id
  }

  member(device: DeviceId): Member {
    const found = this.fleet.member(device)
    if (!found) throw new Error(`There is no device ${device}.`)
    return found
  }

  /** Makes money available to a device. */
  earn(device: DeviceId, amountMicro: bigint): void {
    const purpose = `fund/${device}/${this.earned++}-${this.now.wallMs}`
    const accounts = { debit: TREASURY, credit: availableAccount(device) } as const
    this.step((now, batch) =>
      this.ledger.transfer({ kind: 'fund', ...accounts, amountMicro, purpose }, now.wallMs, batch),
    )
  }

  bind(device: DeviceId, name: string): string {
    const member = this.member(device)
    const seq = member.row.statementSeq + 1
    return this.step((now, batch) => {
      this.fleet.takeStatementSeq(member, seq)
      const request = { seq, address: addressBytesOf(name), statement: utf8(name) }
      return this.payouts.bindings.bind(member, request, now.wallMs, batch)
    })
  }

  /** Lets time pass, and the clock tick at its end as a coordinator's does. */
  pass(ms: number): void {
    this.advance(ms)
    this.step((now, batch) => {
      this.ledger.expire(now.wallMs, batch)
      this.payouts.tick(now, batch)
    })
  }

  /** Lets the running epoch end. @returns its number */
  passEpoch(): number {
    const { epochMs } = this.policy
    const epoch = Math.floor(this.now.wallMs / epochMs)
    this.pass((epoch + 1) * epochMs - this.now.wallMs)
    return epoch
  }

  /** What an auditor says, but that money fell from the sky and that statements are not signed. */
  override audit(): { ok: boolean; problems: string[] } {
    const known = /no fund goes from treasury to available|^binding\.statement/
    const problems = super.audit().problems.filter(problem => !known.test(problem))
    return { ok: problems.length === 0, problems }
  }

  availableMicro(device: DeviceId): bigint {
    return this.ledger.availableMicro(availableAccount(device))
  }

  paidMicro(payee: string): bigint {
    return this.ledger.balanceMicro(payoutAccount(payee))
  }

  allEntries(): LogEntry[] {
    return this.store.entries(0, this.store.entryCount()).map(bytes => decodeEntry(bytes))
  }

  entries<Type extends LogEntry['type']>(type: Type): Extract<LogEntry, { type: Type }>[] {
    return this.allEntries().filter((entry): entry is Extract<LogEntry, { type: Type }> => entry.type === type)
  }

  notices(): Extract<Effect, { kind: 'notice' }>[] {
    return this.effects.filter(effect => effect.kind === 'notice')
  }

  private rootSigner(): RootSigner | null {
    const { chain } = this.config
    if (chain === null) return null
    return {
      address: addressOf(OWN),
      sign: (epoch, paid) => {
        const { message } = epochTree(chain, epoch, paid)
        return { root: message.root, signature: `0x${toHex(signDigest(rootDigest(chain, message), keyOf(OWN)))}` }
      },
    }
  }
}

export const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex')
