/** What a device remembers over restarts and power cuts. */
export { type DeviceStore, type DeviceStoreInit, openDeviceStore } from './device-store.ts'
export type { Enrolment } from './enrolment-row.ts'
export type { Outbox, OutboxPut, OutboxRow } from './outbox.ts'
