import { type Customiser, type Plan, type PreparedImage, prepareImage } from './prepare.ts'
import { checkSha256, measure, type OnBytes } from './source/open.ts'
import { badImage, type ImageSource } from './source/source.ts'
import type { ImageTarget } from './target/target.ts'
import { verifyImage } from './verify-image.ts'
import { writeImage } from './write-image.ts'

/** What is being done, in the order in which it is. */
export type FlashPhase = 'checksum' | 'check' | 'prepare' | 'write' | 'verify'

/** One image for one card. */
export interface FlashInit {
  readonly source: ImageSource
  readonly customiser: Customiser
  /** Unix milliseconds. */
  readonly wallMs: number
  /** What the publisher says of the file as it was downloaded. */
  readonly sha256?: string
  readonly stop: AbortSignal
  readonly onProgress: (phase: FlashPhase, doneBytes: number, totalBytes: number) => void
}

/** Somebody asked to stop. */
export class FlashStopped extends Error {
  override readonly name = 'FlashStopped'
  /** In the midst of what. */
  readonly phase: FlashPhase

  constructor(phase: FlashPhase) {
    super(`stopped while in phase '${phase}'`)
    this.phase = phase
  }
}

/** What was done. */
export interface FlashReport extends Plan {
  readonly imageBytes: number
  /** Of what was written and read back. */
  readonly sha256: string
  /** Whether it was read from the storage itself, past the system's memory. */
  readonly readsStorage: boolean
}

/**
 * Writes an image with its settings, reads it back and compares. Everything that can be known is checked before the target is opened.
 * @param openTarget - called when the image is known to be good
 * @throws {ConfigError} what is wrong with the image or the description; nothing has been written
 * @throws {HardwareError} what is wrong with the card
 * @throws {FlashStopped}
 */
export async function flashImage(
  init: FlashInit,
  openTarget: (image: PreparedImage) => Promise<ImageTarget>,
): Promise<FlashReport> {
  const imageBytes = await knownSize(init)
  const image = await prepareImage(init.source, imageBytes, init.customiser, init.wallMs, telling(init, 'prepare'))
  let target: ImageTarget | null = null
  try {
    target = await openTarget(image)
    const written = await writeImage(image, target, telling(init, 'write'))
    if (written.imageBytes !== image.imageBytes) {
      throw badImage(
        init.source.path,
        `has ${written.imageBytes} bytes, and says ${image.imageBytes}: download it again`,
      )
    }
    await verifyImage(image, target, written, telling(init, 'verify'))
    await target.commit()
    const { detected, files, warnings } = image
    return { detected, files, warnings, imageBytes, sha256: written.sha256, readsStorage: target.readsStorage }
  } finally {
    await target?.close()
    await image.close().catch(() => {})
  }
}

/**
 * The image's size. A gzip file does not say it, nor whether it is whole, so it is read through once; that costs seconds, and a
 * card is not half written before a damaged file is noticed.
 */
async function knownSize(init: FlashInit): Promise<number> {
  const { source, sha256 } = init
  if (sha256 !== undefined) await checkSha256(source.path, sha256, source.fileBytes, telling(init, 'checksum'))
  if (source.exact) return source.imageBytes
  const tell = telling(init, 'check')
  return measure(source, (done, total) => tell(done, Math.max(done, total)))
}

/** Tells how far a phase is, and ends it when somebody asked to stop. */
function telling({ stop, onProgress }: FlashInit, phase: FlashPhase): OnBytes {
  return (done, total) => {
    if (stop.aborted) throw new FlashStopped(phase)
    onProgress(phase, done, total)
  }
}
