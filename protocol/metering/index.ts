/** The WebAssembly profile: what a task module may be, and how a device rewrites it before running it. */

export { WASI_FUNCTIONS, WASI_MODULE } from './imports.ts'
export { inspectModule } from './inspect.ts'
export type { ModuleExport, ModuleImport, ModuleInfo } from './module-info.ts'
export { type PreparedModule, prepareModule } from './prepare.ts'
export { GLOBAL_EXPORT_PREFIX, MEMORY_IMPORT, MODULE_LIMITS, PAGE_BYTES, START_EXPORT } from './profile.ts'
