/** Writes one card: to a disk, an image file, or into the boot folder of one that is written already. */
import { realpathSync, statSync } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import type {
  Customiser,
  Disk,
  FlashPhase,
  ImageSource,
  ImageTarget,
  Plan,
  PreparedImage,
} from '../hardware/image/index.ts'
import { confirmErase } from './flash-confirm.ts'
import type { Io } from './io.ts'

/** How cards are written, for all of a batch. */
export interface CardOptions {
  readonly sha256: string | undefined
  readonly yes: boolean
  readonly yesReally: boolean
  readonly onProgress: (phase: FlashPhase, doneBytes: number, totalBytes: number) => void
  /** The end of a bar, before something else is said. */
  readonly quiet: () => void
}

/** A card that was written, or looked at. */
export interface Card extends Plan {
  /** Null for a dry run without a target. */
  readonly to: string | null
  /** Of the whole image as it was written and read back; null for a boot folder, and for a dry run. */
  readonly sha256: string | null
  readonly imageBytes: number | null
  /** Whether it was read back from the card itself, past the system's memory. */
  readonly readsStorage: boolean
}

/** Writes an image to a disk or a file, whatever the path is. @throws what `flashImage` throws */
export async function writeCard(
  io: Io,
  source: ImageSource,
  to: string,
  customiser: Customiser,
  options: CardOptions,
): Promise<Card> {
  const { checkNewFile, flashImage } = await import('../hardware/image/index.ts')
  const device = devicePath(to)
  if (device === null) checkNewFile(to)
  const disk = device === null ? null : await mayErase(device, options)
  const report = await flashImage(
    {
      source,
      customiser,
      wallMs: io.clock.wallMs(),
      stop: io.stop,
      onProgress: options.onProgress,
      ...(options.sha256 === undefined ? {} : { sha256: options.sha256 }),
    },
    image => openTarget(io, to, disk, image, options),
  )
  return { ...report, to }
}

/** What {@link writeCard} would do. Reads the beginning of the image alone; a disk is looked at and not opened. */
export async function planCard(
  io: Io,
  source: ImageSource,
  to: string | undefined,
  customiser: Customiser,
  options: CardOptions,
): Promise<Card> {
  const { checkFits, prepareImage } = await import('../hardware/image/index.ts')
  const device = to === undefined ? null : devicePath(to)
  const disk = device === null ? null : await mayErase(device, options)
  const image = await prepareImage(source, source.imageBytes, customiser, io.clock.wallMs())
  await image.close()
  if (disk !== null && source.exact) checkFits(disk, source.imageBytes)
  const { detected, files, warnings } = image
  const imageBytes = source.exact ? source.imageBytes : null
  return { to: to ?? null, detected, files, warnings, imageBytes, sha256: null, readsStorage: false }
}

/** Puts the settings into a folder; with `dry`, only says which. @param from - the boot folder to look at, when it is another */
export async function writeFolder(to: string, from: string, customiser: Customiser, dry: boolean): Promise<Card> {
  const { planBootFolder, writeBootFolder } = await import('../hardware/image/index.ts')
  const plan = await planBootFolder(from, customiser)
  if (!dry && to !== from) await mkdir(to, { recursive: true })
  const readsStorage = dry ? false : await writeBootFolder(to, plan.files)
  return { ...plan, to, sha256: null, imageBytes: null, readsStorage }
}

async function openTarget(
  io: Io,
  to: string,
  disk: Disk | null,
  image: PreparedImage,
  options: CardOptions,
): Promise<ImageTarget> {
  const { checkFits, openDevice, openImageFile } = await import('../hardware/image/index.ts')
  if (disk === null) return openImageFile(to, open)
  checkFits(disk, image.imageBytes)
  options.quiet()
  if (!options.yes) await confirmErase(io, disk)
  // Something may have been mounted while the question was open; the kernel is asked once more when the disk is opened.
  return openDevice(await mayErase(disk.path, options), open)
}

async function mayErase(path: string, { yesReally }: CardOptions): Promise<Disk> {
  const { checkDisk } = await import('../hardware/image/index.ts')
  return checkDisk(path, { yesReally })
}

/** The path of a disk, links such as those in /dev/disk/by-id resolved; null for a path of a file. */
function devicePath(to: string): string | null {
  const found = statSync(to, { throwIfNoEntry: false })
  if (found?.isBlockDevice() === true) return realpathSync(to)
  // What is not there in /dev is a disk that is not there, and no place for a file.
  return to.startsWith('/dev/') && found?.isDirectory() !== true ? to : null
}
