/** Checks that are the same on every machine. Each tells what it found in words for people. */
export { type BoardPorts, checkBoard } from './board.ts'
export { type ClockPorts, checkClock } from './clock.ts'
export { checkDisk, type DiskPorts } from './disk.ts'
export { checkFiles, type FilesPorts } from './files.ts'
export { checkNode } from './node-version.ts'
export { checkService, type ServicePorts } from './service.ts'
