/** Files that behave like bad cards. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { BlockHandle, OpenHandle } from '../../../../hardware/image/target/target.ts'

export interface Fault {
  /** From this byte on. */
  readonly fromByte: number
  /** `error`: with this code. `drop`: the write is acknowledged and forgotten. `short`: a few bytes are taken at a time. */
  readonly kind: 'error' | 'read error' | 'sync error' | 'drop' | 'short'
  readonly code?: string
  readonly errno?: number
}

/** Opens real files, which then fail as told. Direct access is left out: not every folder for tests has it. */
export function openFlaky({ fromByte, kind, code, errno }: Fault): OpenHandle & { readonly closed: () => number } {
  let closed = 0
  const failure = () => Object.assign(new Error('the test says so'), { code, errno })
  const opener = async (path: string, flags: number): Promise<BlockHandle> => {
    const handle = await open(path, flags & ~constants.O_DIRECT)
    return {
      read: (buffer, offset, length, position) => {
        if (kind === 'read error' && position + length > fromByte) return Promise.reject(failure())
        return handle.read(buffer, offset, length, position)
      },
      write: async (buffer, offset, length, position) => {
        const hit = position + length > fromByte
        if (hit && kind === 'error') throw failure()
        if (hit && kind === 'drop') return { bytesWritten: length }
        return handle.write(buffer, offset, kind === 'short' ? Math.min(length, 100_000) : length, position)
      },
      sync: () => (kind === 'sync error' ? Promise.reject(failure()) : handle.sync()),
      close: () => {
        closed++
        return handle.close()
      },
    }
  }
  return Object.assign(opener, { closed: () => closed })
}

/** Opens files as they are. */
export const openPlain: OpenHandle = (path, flags) => open(path, flags & ~constants.O_DIRECT)
