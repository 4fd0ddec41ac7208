/** The WebAssembly profile: what a task module may be, and how a device rewrites it before running it. */

export { HOST_CALL_FUEL, hostFuel, listFuel, randomFuel } from './costs.ts'
export type { MeterShape } from './emitter.ts'
export { describeFunction, functionNames } from './function-names.ts'
export { WASI_FUNCTIONS, WASI_MODULE } from './imports.ts'
export { inspectModule } from './inspect.ts'
export { type MeteredModule, type MeterOptions, meterModule } from './meter.ts'
export type { ModuleExport, ModuleImport, ModuleInfo } from './module-info.ts'
export {
  FAULT,
  FAULT_EXPORT,
  FUEL_EXPORT,
  GLOBAL_EXPORT_PREFIX,
  MEMORY_IMPORT,
  MODULE_LIMITS,
  PAGE_BYTES,
  PROFILE_EXPORT_PREFIX,
  STACK_SLOTS_MAX,
  START_EXPORT,
} from './profile.ts'
export { METERING_VERSION } from './version.ts'
