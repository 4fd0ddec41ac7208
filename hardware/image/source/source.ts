import { ConfigError } from '../../../protocol/index.ts'

/** How an image lies on disk, by its first bytes and not by its name. */
export type SourceKind = 'img' | 'xz' | 'gzip' | 'zip'

/** An image file, opened and looked at, with its bytes still to come. */
export interface ImageSource {
  readonly path: string
  readonly kind: SourceKind
  /** Of the file as it lies on disk. */
  readonly fileBytes: number
  /** Of the image inside; a guess when `exact` is false, since gzip keeps the size modulo 4 GiB. */
  readonly imageBytes: number
  readonly exact: boolean
  /**
   * The image's bytes from the beginning; whoever stops early calls the iterator's `return`.
   * Rejects with {@link ConfigError} `damaged` when the file is damaged or cut short.
   */
  open(): AsyncIterableIterator<Uint8Array>
}

/** An image that cannot be used as it is. @param reason - the end of a sentence that begins with the path */
export function badImage(path: string, reason: string, cause?: unknown): ConfigError {
  return new ConfigError({ code: 'damaged', path, reason }, `${path} ${reason}.`, { cause })
}

/** How a message of `xz-decompress` ends when the file uses an option it does not know (XZ_OPTIONS_ERROR). */
const UNSUPPORTED_XZ = 'error code 6'

/** What a stream's error says about the file it comes from. Errors of the system are left as they are. */
export function damagedStream(path: string, error: unknown): unknown {
  if (error instanceof ConfigError || isSystemError(error)) return error
  const detail = error instanceof Error ? error.message : String(error)
  if (detail.endsWith(UNSUPPORTED_XZ)) {
    return badImage(path, "is packed in a way that is not understood: decompress it first with 'xz -dk'", error)
  }
  return badImage(path, `is damaged or cut short (${detail.replace(/\.$/, '')}): download it again`, error)
}

/** Errors of zlib have numbers too. */
function isSystemError(error: unknown): boolean {
  const { errno, code } = error as NodeJS.ErrnoException
  return typeof errno === 'number' && typeof code === 'string' && !code.startsWith('Z_')
}
