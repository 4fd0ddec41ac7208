/** Where an image is written: a card, or a file that is to become one. */

/** Bytes of one write: what cards take best, and a multiple of every erase block there is. */
export const BLOCK_BYTES = 4 * 1_048_576

/** An open file or device; Node's `FileHandle` is one, and a test's can fail. */
export interface BlockHandle {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>
  write(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>
  sync(): Promise<void>
  close(): Promise<void>
}

/** Opens a file or device; flags as open(2) has them. */
export type OpenHandle = (path: string, flags: number) => Promise<BlockHandle>

/** Something that takes an image. Errors are typed and say what is to be done. */
export interface ImageTarget {
  readonly path: string
  /** Whether what is read back has really been stored: the system's cache in memory is passed by. */
  readonly readsStorage: boolean
  /** Writes all of it. @param block - up to {@link BLOCK_BYTES} of {@link alignedBlock} @param offset - a multiple of {@link BLOCK_BYTES} */
  write(block: Uint8Array, offset: number): Promise<void>
  /** From now on it is complete, and is read: everything is on the storage. */
  finishWriting(sizeBytes: number): Promise<void>
  /** Fills a block of {@link alignedBlock}. */
  read(block: Uint8Array, offset: number): Promise<void>
  /** It is as it should be: a file gets its name. */
  commit(): Promise<void>
  /** Closes it; a file without its name is deleted. Never rejects; harmless after `commit`. */
  close(): Promise<void>
}

/** The part of WebAssembly's interface that is used here. */
interface PagedMemory {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer }
}

const PAGE_BYTES = 65_536

/**
 * Memory for blocks that begins at the start of a page, which is what direct access to a disk (O_DIRECT) demands and Node's own
 * buffers never do. The memory of WebAssembly is made of whole pages.
 */
export function alignedBlock(): Uint8Array {
  const { Memory } = (globalThis as unknown as { WebAssembly: PagedMemory }).WebAssembly
  return new Uint8Array(new Memory({ initial: BLOCK_BYTES / PAGE_BYTES }).buffer)
}

/** Writes all bytes, in several steps when the system takes fewer. */
export async function writeFully(handle: BlockHandle, block: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < block.length; ) {
    const { bytesWritten } = await handle.write(block, done, block.length - done, offset + done)
    if (bytesWritten === 0) throw Object.assign(new Error('nothing was written'), { code: 'EIO' })
    done += bytesWritten
  }
}

/** Fills a block. */
export async function readFully(handle: Pick<BlockHandle, 'read'>, block: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < block.length; ) {
    const { bytesRead } = await handle.read(block, done, block.length - done, offset + done)
    if (bytesRead === 0) throw Object.assign(new Error('it ended early'), { code: 'EIO' })
    done += bytesRead
  }
}
