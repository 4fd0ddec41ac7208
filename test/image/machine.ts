/** An emulated arm64 machine with a card in it: QEMU does what the firmware of a Raspberry Pi does, which is to start the kernel with the card's command line. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { messageOf } from '../../protocol/errors.ts'

/** Where the emulated machine finds the loopback of this one (QEMU user networking). */
export const EMULATED_HOST = '10.0.2.2'

export interface MachineInit {
  /** Of `kernel` and `initrd`. */
  readonly folder: string
  /** For the socket by which the machine is told things; its path must be short. */
  readonly work: string
  readonly card: string
  /** Its console. */
  log(text: string): void
}

export interface Start {
  /** The card's own cmdline.txt. */
  readonly cmdline: string
  /** What the clock shows at the start; the time when left out. Nobody in there asks a time server. */
  readonly clock?: string
  /** Whether the cable is in; it is when left out. */
  readonly isPlugged?: boolean
}

/** Words for the kernel that this machine needs and a Raspberry Pi does not. */
const WORDS = [
  // Network interfaces keep the kernel's names.
  'net.ifnames=0',
  // The console is the log that is kept.
  'systemd.journald.forward_to_console=1',
]

export class Machine {
  readonly #init: MachineInit
  readonly #control: string
  #process: ChildProcess | null = null

  constructor(init: MachineInit) {
    this.#init = init
    this.#control = join(init.work, 'qmp')
  }

  async start({ cmdline, clock, isPlugged = true }: Start): Promise<void> {
    const { folder, card, log } = this.#init
    // The serial port of this machine has another name, and the log of what happens goes there.
    const words = [cmdline.trim().replace(/console=serial0,\d+ console=tty1/, 'console=ttyAMA0'), ...WORDS]
    const board = ['-M', 'virt', '-cpu', 'cortex-a72', '-smp', '2', '-m', '1024', '-nographic', '-serial', 'stdio']
    const control = ['-monitor', 'none', '-qmp', `unix:${this.#control},server=on,wait=off`, '-S']
    const kernel = ['-kernel', join(folder, 'kernel'), '-initrd', join(folder, 'initrd'), '-append', words.join(' ')]
    const disk = ['-drive', `file=${card},format=raw,if=virtio,cache=writethrough`]
    // Nothing starts from the network, so the card needs no ROM, which is in another package.
    const network = ['-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net,romfile=']
    const time = clock === undefined ? [] : ['-rtc', `base=${clock}`]
    const args = [...board, ...control, ...kernel, ...disk, ...network, ...time]
    const child = spawn('qemu-system-aarch64', args, { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', bytes => log(String(bytes)))
    child.on('error', error => log(`qemu-system-aarch64 (Debian: qemu-system-arm) does not run: ${error.message}\n`))
    this.#process = child
    try {
      if (!isPlugged) await this.plug(false)
      await this.#tell('cont')
    } catch (cause) {
      throw new Error(`QEMU did not start; the end of the log says why: ${messageOf(cause)}`, { cause })
    }
  }

  /** Puts the network cable in, or pulls it out. */
  plug(up: boolean): Promise<void> {
    return this.#tell('set_link', { name: 'net', up })
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

  /** One command of the QEMU machine protocol, on a connection of its own. */
  async #tell(execute: string, args: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const socket = await this.#reach()
    try {
      const replies = createInterface({ input: socket })[Symbol.asyncIterator]()
      await replies.next()
      for (const command of [{ execute: 'qmp_capabilities' }, { execute, arguments: args }]) {
        socket.write(`${JSON.stringify(command)}\n`)
        for (;;) {
          const { value, done } = await replies.next()
          if (done === true) throw new Error(`QEMU ended during '${execute}'.`)
          const reply = JSON.parse(value) as { return?: unknown; error?: { desc: string } }
          if (reply.error !== undefined) throw new Error(`QEMU refuses '${execute}': ${reply.error.desc}`)
          if (reply.return !== undefined) break
        }
      }
    } finally {
      socket.destroy()
    }
  }

  async #reach(): Promise<Socket> {
    for (let attempt = 1; ; attempt++) {
      const socket = connect(this.#control)
      try {
        await once(socket, 'connect')
        return socket
      } catch (error) {
        if (attempt === 100) throw error
        await new Promise(done => setTimeout(done, 100))
      }
    }
  }
}
