/** The runtime on the Pi. `runDevice` wires real parts; `createDevice` takes whatever parts it is given. */
export {
  BlobCache,
  type BlobCacheInit,
  type Blobs,
  type BlobWant,
  fetchBlob,
  type HttpClient,
  type HttpRequest,
  type HttpResponse,
  nodeHttp,
  type PutTarget,
  putBlob,
  regionBlobs,
} from './blobs/index.ts'
export { encodeConnectFrame } from './connect-frame.ts'
export {
  createDevice,
  type Device,
  type DeviceComponents,
  type DeviceEvents,
  type DeviceInit,
  type DeviceState,
} from './device.ts'
export {
  type ConditionPolicy,
  type ConditionReading,
  type Demand,
  Governor,
  GovernorPolicy,
  type HostReader,
  hostReader,
  type Load,
  type LocalTime,
  localTime,
  type Moment,
  type OpenTopic,
  pacedRunner,
  type Readings,
  type TopicAddress,
  type TopicHandlers,
  type Verdict,
} from './governor/index.ts'
export type { Health } from './health.ts'
export { type Identity, identityOf, openIdentity } from './identity.ts'
export type { Connection, Link, LinkHandlers, LinkState, LinkTarget } from './link/index.ts'
export type { DeviceEvent, Log } from './log.ts'
export type { Machine } from './machine.ts'
export { type RunDeviceOptions, runDevice } from './main.ts'
export { chooseMembership, type Membership } from './membership.ts'
export { devicePid } from './pid-file.ts'
export { readHere } from './read-here.ts'
export {
  type EarningsFolder,
  type KeptReceipt,
  type KnownRegion,
  type LogSource,
  type LogVerdict,
  memoryReceipts,
  openEarningsFolder,
  openReceipt,
  type ReceiptStore,
  verifyEarnings,
} from './receipts/index.ts'
export type { Boot, OpenSensor, OpenSensors, SensingInit } from './sampling/index.ts'
export { type DeviceStore, type DeviceStoreInit, type Enrolment, openDeviceStore } from './store/index.ts'
export type { Watcher } from './watchdog.ts'
export { type ServiceEnvironment, systemdWatcher } from './watchdog-systemd.ts'
export type { Runner, RunRequest, RunResult } from './work/index.ts'
