/** The kernel's files about sensors, under a root that may be a recorded tree. */
import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { SensorFault } from '../../protocol/index.ts'

/** A kernel file could not be read, for a reason that the sensor's data should tell. */
export class KernelFault extends Error {
  readonly fault: SensorFault

  constructor(fault: SensorFault, path: string, cause?: unknown) {
    super(`${path} gives no value: ${fault}.`, { cause })
    this.fault = fault
  }
}

/** What the kernel's error numbers say of a sensor (errno(3), and Documentation/i2c/fault-codes.rst). */
const FAULTS: Readonly<Record<string, SensorFault>> = {
  ENOENT: 'unplugged',
  ENODEV: 'unplugged',
  // No acknowledge from the address: the driver stays, the wire does not.
  ENXIO: 'no_answer',
  EREMOTEIO: 'no_answer',
  ETIMEDOUT: 'no_answer',
  ETIME: 'no_answer',
  EAGAIN: 'no_answer',
  EBUSY: 'no_answer',
  // A checksum that does not match, with dht11 and w1_therm.
  EIO: 'bad_frames',
  EBADMSG: 'bad_frames',
  ERANGE: 'out_of_range',
}

/**
 * A file's text without the newline.
 * @throws {KernelFault}
 */
export async function readText(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (thrown) {
    throw new KernelFault(FAULTS[codeOf(thrown)] ?? 'unknown', path, thrown)
  }
}

/**
 * A file's number.
 * @throws {KernelFault} also `no_answer` for a file that is empty while the sensor converts, `bad_frames` for what is no number
 */
export async function readNumber(path: string): Promise<number> {
  return numberOf(await readText(path), path)
}

/** {@link readNumber} of a text that was read. @throws {KernelFault} */
export function numberOf(text: string, path: string): number {
  if (text === '') throw new KernelFault('no_answer', path)
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new KernelFault('bad_frames', path)
  return Number(text)
}

/** A file's text now; null when it cannot be read. For names and identities, which never need to wait for a sensor. */
export function peek(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return null
  }
}

/** Names in a folder in their order; none when there is no such folder. */
export function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

/** The name of the device that a folder of a subsystem belongs to, such as `1-0076`. @param levels - how far up its true path that is */
export function parentName(folder: string, levels: number): string {
  try {
    let path = realpathSync(folder)
    for (let level = 0; level < levels; level++) path = dirname(path)
    return basename(path)
  } catch {
    return ''
  }
}

/** A folder below the root. */
export const under = (root: string, ...parts: string[]): string => join(root, ...parts)

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
}
