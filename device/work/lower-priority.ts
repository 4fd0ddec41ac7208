import { constants, setPriority } from 'node:os'

/**
 * Lets everything else on the machine go first, from the start of a sandbox on: its work is what a device does when it has nothing better
 * to do. Linux keeps a priority for each thread; a process that has just been started has one, and those to come inherit it.
 */
export function lowerPriority(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // It has gone already, which the process's exit will tell if it matters.
  }
}
