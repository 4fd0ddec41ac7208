/** An emulated arm64 machine with a card in it: QEMU does what the firmware of a Raspberry Pi does, which is to start the kernel with the card's command line. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** Where the emulated machine finds the loopback of this one (QEMU user networking). */
export const EMULATED_HOST = '10.0.2.2'

export interface MachineInit {
  /** Of `kernel` and `initrd`. */
  readonly folder: string
  readonly card: string
  /** The card's own cmdline.txt. */
  readonly cmdline: string
  /** Its console. */
  log(text: string): void
}

export class Machine {
  readonly #init: MachineInit
  #process: ChildProcess | null = null

  constructor(init: MachineInit) {
    this.#init = init
  }

  start(): void {
    const { folder, card, cmdline, log } = this.#init
    // The serial port of this machine has another name, and the log of what happens goes there. Network interfaces keep the kernel's names.
    const console = cmdline.trim().replace(/console=serial0,\d+ console=tty1/, 'console=ttyAMA0')
    const append = `${console} net.ifnames=0 systemd.journald.forward_to_console=1`
    const args = [
      '-M',
      'virt',
      '-cpu',
      'cortex-a72',
      '-smp',
      '2',
      '-m',
      '1024',
      '-nographic',
      '-monitor',
      'none',
      '-serial',
      'stdio',
    ]
    const parts = ['-kernel', join(folder, 'kernel'), '-initrd', join(folder, 'initrd'), '-append', append]
    const disk = ['-drive', `file=${card},format=raw,if=virtio,cache=writethrough`]
    const network = ['-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net']
    const child = spawn('qemu-system-aarch64', [...args, ...parts, ...disk, ...network], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', bytes => log(String(bytes)))
    child.on('error', error => log(`qemu-system-aarch64 (Debian: qemu-system-arm) does not run: ${error.message}\n`))
    this.#process = child
  }

  /** As if somebody pulled the plug. */
  async cutPower(): Promise<void> {
    const child = this.#process
    this.#process = null
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  stop(): Promise<void> {
    return this.cutPower()
  }
}
