/** Does the kernel keep tasks from taking the machine's memory? */
import { type Finding, warning, well } from '../../protocol/index.ts'
import { memorySentence } from '../memory-bounds.ts'
import { readMemoryController } from '../memory-controller.ts'

export interface MemoryPorts {
  readonly root: string
  /** Whether the programs are there that bound each sandbox. */
  readonly hasKernelTools: boolean
}

export function checkMemory({ root, hasKernelTools }: MemoryPorts): Finding[] {
  const controller = readMemoryController({ root })
  const sandbox = hasKernelTools ? 'kernel' : 'watch'
  const says = memorySentence({ sandbox, controller })
  if (controller.kind === 'off') {
    const fix = 'sudo sed -i "s/$/ cgroup_enable=memory/" /boot/firmware/cmdline.txt, then restart the machine.'
    return [warning('memory', says, fix)]
  }
  return [hasKernelTools ? well('memory', says) : warning('memory', says, 'sudo apt-get install util-linux')]
}
