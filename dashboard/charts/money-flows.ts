/** The region's money as a drawing: which kinds of accounts stand where, and which flows go on and which come back. */
import type { Flow } from '../verify/messages.ts'
import type { FlowLink, FlowPlace } from './flow-layout.ts'

/** Where money goes, from left to right. */
export const MONEY_PLACES: readonly FlowPlace[] = [
  { id: 'treasury', column: 0 },
  { id: 'submitter', column: 1 },
  { id: 'escrow', column: 2 },
  { id: 'holdback', column: 3 },
  { id: 'fee', column: 3 },
  { id: 'refunded', column: 3 },
  { id: 'available', column: 4 },
  { id: 'slashed', column: 4 },
  { id: 'dust', column: 4 },
  { id: 'payout', column: 5 },
]

/** A kind of account, or what comes back, in the words of people. */
export const PLACE_WORDS: Readonly<Record<string, { readonly title: string; readonly text: string }>> = {
  treasury: { title: 'Treasury', text: 'gives credits out' },
  submitter: { title: 'Submitters', text: 'pay for jobs and campaigns' },
  escrow: { title: 'Escrow', text: 'budgets set aside' },
  holdback: { title: 'Holdback', text: 'earned, and held for a while' },
  fee: { title: 'Fee', text: 'the region’s part' },
  refunded: { title: 'Came back', text: 'not spent, back with submitters' },
  available: { title: 'Available', text: 'devices may have it paid out' },
  slashed: { title: 'Slashed', text: 'taken from caught devices' },
  dust: { title: 'Dust', text: 'parts of micro-credits that devices are owed' },
  payout: { title: 'Paid out', text: 'has left the region' },
}

/** Flows as bands: those that go back to where they came from end in a place of their own, or stay where they are. */
export function moneyLinks(flows: readonly Flow[]): FlowLink[] {
  const sums = new Map<string, FlowLink>()
  for (const flow of flows) {
    const link = linkOf(flow)
    if (link === null) continue
    const key = `${link.from} ${link.to}`
    sums.set(key, { ...link, amountMicro: link.amountMicro + (sums.get(key)?.amountMicro ?? 0n) })
  }
  return [...sums.values()]
}

function linkOf({ kind, from, to, amountMicro }: Flow): FlowLink | null {
  const columnOf = (id: string) => MONEY_PLACES.find(place => place.id === id)?.column
  if (from === 'escrow' && to === 'submitter') return { kind, from, to: 'refunded', amountMicro }
  const [start, end] = [columnOf(from), columnOf(to)]
  return start === undefined || end === undefined || end <= start ? null : { kind, from, to, amountMicro }
}

/** What a flow is, for a list. */
export const KIND_WORDS: Readonly<Record<Flow['kind'], string>> = {
  fund: 'credits given out',
  escrow: 'budgets set aside',
  pay: 'paid for accepted work',
  fee: 'the region’s fee',
  refund: 'budgets not spent, given back',
  release: 'held long enough, now available',
  slash: 'taken from caught devices',
  deposit: 'deposits of disputes',
  award: 'settled disputes',
  payout: 'paid out',
  dust: 'put by for parts of micro-credits',
}
