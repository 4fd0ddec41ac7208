/** The road of a lease through the device: taken, run, its result kept until the region has it. */
export type { FinishedLease, HeldLease } from './lease.ts'
export { LeaseQueue, type LeaseQueueComponents, type LeaseQueueInit, type WorkPause } from './lease-queue.ts'
export { OutboxSender } from './outbox-sender.ts'
export { ResultBatch } from './result-batch.ts'
