/** What a device remembers over restarts and power cuts. */
export type { BootRow, Boots, Moment } from './boots.ts'
export { type DeviceStore, type DeviceStoreInit, openDeviceStore } from './device-store.ts'
export type { Enrolment } from './enrolment-row.ts'
export type { Outbox, OutboxPut, OutboxRow } from './outbox.ts'
export type { GapRow, SampleRow, Samples, StreamRow } from './samples.ts'
