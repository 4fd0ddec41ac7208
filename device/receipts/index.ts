/** What a device can prove about its earnings, and what it states beside its connection. */
export { type EarningsFolder, openEarningsFolder } from './earnings-folder.ts'
export {
  type Contradiction,
  contradictionOf,
  type KeptReceipt,
  openReceipt,
  type ReceiptBytes,
  type ReceiptTrust,
} from './kept-receipt.ts'
export { type KnownRegion, memoryReceipts, type ReceiptStore } from './receipt-store.ts'
export { Receipts } from './receipts.ts'
export { type LogSource, type LogVerdict, type Rule, type RuleName, verifyEarnings } from './verify-earnings.ts'
