/** What decides which version of the device runs, and is never updated itself. Nothing here loads anything but Node. */
export { BASE, type BootState } from './boot-state.ts'
export { discardFolder, type Files, nodeFiles, readJson, replaceFile, type WritableFile, writeJson } from './files.ts'
export { type About, FILE_LIST, Home, MANIFEST, type Release } from './home.ts'
export { type Child, type Ended, Launcher, type LauncherComponents, type LauncherInit } from './launcher.ts'
export { type Advice, LAUNCHER_VARIABLE, type Report } from './messages.ts'
export { TIMING, type Timing } from './timing.ts'
