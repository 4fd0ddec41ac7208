/** The forms of account names, and the sums of every account as the replay has them. */

export const ACCOUNT_FORMS = [
  'treasury',
  'fee',
  'slashed',
  'dust',
  'submitter',
  'escrow',
  'holdback',
  'available',
  'payout',
] as const
export type AccountForm = (typeof ACCOUNT_FORMS)[number]

/** One account. Pending sums are no part of the others. */
export interface Account {
  readonly id: string
  readonly form: AccountForm
  /** What stands after the colon; empty for the region's own accounts. */
  readonly subject: string
  debitsMicro: bigint
  creditsMicro: bigint
  debitsPendingMicro: bigint
  creditsPendingMicro: bigint
  /** It held money before the log began. */
  fromBefore: boolean
  /** A transfer has named it, though all it moved may have gone back. */
  isBooked: boolean
}

const SUBJECTS: Record<AccountForm, RegExp> = {
  treasury: /^$/,
  fee: /^$/,
  slashed: /^$/,
  dust: /^$/,
  submitter: /^[a-z0-9-]{1,32}$/,
  escrow: /^[a-z2-7]{16}$/,
  holdback: /^[a-z2-7]{26}$/,
  available: /^[a-z2-7]{26}$/,
  payout: /^(?:0x[0-9a-f]{40}|[a-z0-9-]{1,32})$/,
}

/** Credits minus debits. */
export const balanceMicro = (account: Account): bigint => account.creditsMicro - account.debitsMicro

/** What of the balance is not set aside. */
export const availableMicro = (account: Account): bigint => balanceMicro(account) - account.debitsPendingMicro

/** Every account that anything was ever booked on. */
export class Accounts {
  private readonly byId = new Map<string, Account>()

  get size(): number {
    return this.byId.size
  }

  all(): IterableIterator<Account> {
    return this.byId.values()
  }

  find(id: string): Account | undefined {
    return this.byId.get(id)
  }

  /** The account of this name, made when it is new; null for a name of no known form. */
  take(id: string): Account | null {
    const known = this.byId.get(id)
    if (known !== undefined) return known
    const account = parseAccount(id)
    if (account !== null) this.byId.set(id, account)
    return account
  }
}

function parseAccount(id: string): Account | null {
  const colon = id.indexOf(':')
  const name = colon < 0 ? id : id.slice(0, colon)
  const subject = colon < 0 ? '' : id.slice(colon + 1)
  const form = ACCOUNT_FORMS.find(known => known === name)
  if (form === undefined || !SUBJECTS[form].test(subject) || (colon >= 0 && subject === '')) return null
  const sums = { debitsMicro: 0n, creditsMicro: 0n, debitsPendingMicro: 0n, creditsPendingMicro: 0n }
  return { id, form, subject, ...sums, fromBefore: false, isBooked: false }
}
