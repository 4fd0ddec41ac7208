import type { MemoryController } from './memory-controller.ts'

/** What keeps tasks from taking the machine's memory. */
export interface MemoryBounds {
  /** Whether the kernel bounds each sandbox, or only the device looks after it. */
  readonly sandbox: 'kernel' | 'watch'
  readonly controller: MemoryController
}

const MIB = 1_048_576

/** The bounds in words for the device's owner, with what could be done about a weak one. */
export function memorySentence({ sandbox, controller }: MemoryBounds): string {
  return `${sandboxSentence(sandbox)} ${controllerSentence(controller)}`.trim()
}

function sandboxSentence(sandbox: MemoryBounds['sandbox']): string {
  if (sandbox === 'kernel') return 'The kernel bounds the memory of each task.'
  return 'The memory of each task is looked at ten times a second: install util-linux, with setpriv and prlimit, for a bound by the kernel.'
}

function controllerSentence(controller: MemoryController): string {
  switch (controller.kind) {
    case 'limits':
      return `All of the device may have ${Math.floor(controller.bytes / MIB)} MiB.`
    case 'off':
      return (
        "The kernel's memory controller is off, so no limit holds for the device as a whole: " +
        'add cgroup_enable=memory to the kernel command line.'
      )
    case 'unlimited':
    case 'absent':
      return ''
  }
}
