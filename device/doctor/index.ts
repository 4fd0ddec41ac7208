/** Checks of a device. Each tells what it found in words for its owner. */
export { type BlobsPorts, checkBlobs } from './blobs.ts'
export { type BrokerPorts, checkBroker } from './broker.ts'
export { checkMemory, type MemoryPorts } from './memory.ts'
export { type DeviceState, readDeviceState } from './read-state.ts'
export { checkSandbox, type SandboxPorts } from './sandbox.ts'
export { checkSensors, type SensorsPorts } from './sensors.ts'
export { checkState, type StatePorts } from './state.ts'
