/** A machine in a folder: what the first-start script runs on, with the commands that would reach the real one replaced. */
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

export interface Outcome {
  readonly code: number | null
  readonly output: string
}

export class ScratchMachine {
  readonly folder = mkdtempSync(join(tmpdir(), 'hedgerow-first-boot-'))
  readonly root = join(this.folder, 'root')
  readonly boot = join(this.root, 'boot/firmware')
  readonly #commands = join(this.folder, 'commands')

  constructor() {
    for (const folder of [this.boot, join(this.root, 'etc'), join(this.root, 'proc/net'), this.#commands]) {
      mkdirSync(folder, { recursive: true })
    }
    writeFileSync(join(this.root, 'etc/hostname'), 'raspberrypi\n')
    writeFileSync(join(this.root, 'etc/hosts'), '127.0.0.1\tlocalhost\n127.0.1.1\traspberrypi\n')
    this.command(
      'systemctl',
      `echo "$*" >>'${this.folder}/systemctl.log'\n[ "$1" != show ] || cat '${this.folder}/says'`,
    )
    this.says("Ready: the region 'north' has no work for this device at the moment.")
    this.command('journalctl', '')
    this.command('mount', 'exit 1')
  }

  /** Puts a shell script in the place of a command. */
  command(name: string, body: string): void {
    const path = join(this.#commands, name)
    writeFileSync(path, `#!/bin/sh\n${body}\n`)
    chmodSync(path, 0o755)
  }

  /** What systemd has of the device's service as its status. */
  says(sentence: string): void {
    writeFileSync(join(this.folder, 'says'), sentence)
  }

  connect(): void {
    writeFileSync(join(this.root, 'proc/net/route'), 'Iface\tDestination\tGateway\nwlan0\t00000000\t0101A8C0\n')
  }

  /** Runs a shell script in a process group of its own. */
  run(script: string, ...args: readonly string[]): Promise<Outcome> {
    const path = `${this.#commands}${delimiter}${process.env.PATH ?? ''}`
    const env = { ...process.env, PATH: path, HEDGEROW_ROOT: this.root, HEDGEROW_DELAYS: '0 0' }
    const child = spawn('/bin/sh', [script, ...args], { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', bytes => (output += String(bytes)))
    return new Promise(resolve => child.on('close', code => resolve({ code, output })))
  }

  stage(...args: readonly string[]): Promise<Outcome> {
    return this.run(join(this.boot, 'hedgerow/first-boot.sh'), 'stage', ...args)
  }

  firstStart(): Promise<Outcome> {
    return this.run(join(this.root, 'var/lib/hedgerow-first-boot/seed/first-boot.sh'), 'run')
  }

  path(path: string): string {
    return join(this.root, path)
  }

  has(path: string): boolean {
    return existsSync(this.path(path))
  }

  text(path: string): string {
    return readFileSync(this.path(path), 'utf8')
  }

  get status(): string {
    return this.text('boot/firmware/hedgerow-status.txt')
  }

  /** What systemd was told, but not what it was asked. */
  get systemctl(): readonly string[] {
    const log = join(this.folder, 'systemctl.log')
    const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []
    return lines.filter(line => !/^(?:show|is-active) /.test(line))
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
