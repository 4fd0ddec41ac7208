/** `hedgerow flash` with its options sorted: one card, or a batch of them. */
import { extname, join } from 'node:path'
import type { Customiser, ImageFormat, ImageSource } from '../hardware/image/index.ts'
import { connectOperator } from './connection.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { type Card, type CardOptions, planCard, writeCard, writeFolder } from './flash-card.ts'
import { customiserFor, makeClaim, readBundle, readNodeFile } from './flash-node.ts'
import { FlashProgress } from './flash-progress.ts'
import { foundLines, gigabytes, planJson, planLines } from './flash-words.ts'
import type { Io } from './io.ts'
import type { Output } from './output.ts'
import { formatDuration } from './terminal/format.ts'

/** What is wanted; paths are absolute. */
export interface FlashWish {
  /** Null with `boot`. */
  readonly image: string | null
  readonly node: string
  readonly to: string | undefined
  readonly boot: string | undefined
  readonly bundle: string | undefined
  /** Instead of the one that is found. */
  readonly format: ImageFormat | null
  readonly dryRun: boolean
  readonly showSecrets: boolean
  readonly sha256: string | undefined
  readonly yes: boolean
  readonly yesReally: boolean
  /** Claims to be made, instead of the one in the description. */
  readonly claims: { readonly owner: string; readonly lifetimeMs: number; readonly state: string | undefined } | null
  readonly batch: number | undefined
}

/** Writes the cards that are wanted, one after the other, and says what was done. */
export async function flashCards(io: Io, out: Output, wish: FlashWish): Promise<ExitCode> {
  const { FlashStopped, openImage } = await import('../hardware/image/index.ts')
  const progress = new FlashProgress(io)
  const options: CardOptions = {
    sha256: wish.sha256,
    yes: wish.yes,
    yesReally: wish.yesReally,
    onProgress: (phase, done, total) => {
      if (!out.json) progress.update(phase, done, total)
    },
    quiet: () => progress.clear(),
  }
  try {
    const node = await readNodeFile(wish.node, wish.bundle !== undefined)
    const bundle = wish.bundle === undefined ? null : await readBundle(wish.bundle)
    const source = wish.image === null ? null : await openImage(wish.image)
    const api = wish.claims === null ? null : connectOperator(io, wish.claims.state)
    const numbers = wish.batch === undefined ? [null] : Array.from({ length: wish.batch }, (_, index) => index + 1)
    const cards: Card[] = []
    for (const number of numbers) {
      const startMs = io.clock.monotonicMs()
      const claim =
        api === null || wish.claims === null ? null : await makeClaim(api, wish.claims.owner, wish.claims.lifetimeMs)
      const description = await node.describe(number, claim)
      const customiser = await customiserFor(description, io.clock.wallMs(), bundle, wish.format)
      const checked = number === null || number === 1 ? options : { ...options, sha256: undefined }
      const card = await oneCard(
        io,
        wish,
        source,
        numberedTarget(wish, number, description.hostname),
        customiser,
        checked,
      )
      progress.clear()
      cards.push(card)
      if (number !== null) out.note(`${description.hostname}: ${card.to}`)
      else if (!wish.dryRun) report(out, card, io.clock.monotonicMs() - startMs)
    }
    show(out, wish, cards)
    return EXIT.ok
  } catch (error) {
    progress.clear()
    if (!(error instanceof FlashStopped)) throw error
    const begun = error.phase === 'write' || error.phase === 'verify'
    const half = begun && wish.to?.startsWith('/dev/') === true ? ` The card in ${wish.to} must be written again.` : ''
    const message = `Stopped.${half}`
    if (out.json) out.result({ ok: false, error: { code: 'stopped', message } }, () => [])
    io.stderr.write(`${message}\n`)
    return EXIT.interrupted
  }
}

function oneCard(
  io: Io,
  wish: FlashWish,
  source: ImageSource | null,
  to: string | undefined,
  customiser: Customiser,
  options: CardOptions,
): Promise<Card> {
  if (source === null) return writeFolder(to ?? wish.boot ?? '', wish.boot ?? '', customiser, wish.dryRun)
  if (wish.dryRun || to === undefined) return planCard(io, source, to, customiser, options)
  return writeCard(io, source, to, customiser, options)
}

/** `card.img` becomes `card-3.img`; a folder of boot folders gets one named for each node. */
function numberedTarget({ to, boot }: FlashWish, number: number | null, hostname: string): string | undefined {
  if (number === null || to === undefined) return to
  if (boot !== undefined) return join(to, hostname)
  const extension = extname(to)
  return `${to.slice(0, to.length - extension.length)}-${number}${extension}`
}

function report(out: Output, card: Card, elapsedMs: number): void {
  const { to, imageBytes, readsStorage } = card
  const what = imageBytes === null ? `${card.files.length} files` : gigabytes(imageBytes)
  out.note(`Wrote ${what} to ${to} in ${formatDuration(elapsedMs)}, and read all of it back.`)
  if (!readsStorage) {
    out.note(
      'It was read back through the memory of this machine, since its file system allows nothing else: eject it properly.',
    )
  }
}

function show(out: Output, wish: FlashWish, cards: readonly Card[]): void {
  const json = cards.map(({ to, imageBytes, sha256, readsStorage, ...plan }) => ({
    to,
    imageBytes,
    sha256,
    readsStorage,
    ...planJson(plan, wish.showSecrets && wish.dryRun),
  }))
  const value = { dryRun: wish.dryRun, cards: json }
  out.result(value, style => {
    if (wish.dryRun) return cards.flatMap(card => planLines(card, wish.showSecrets, style))
    return wish.batch === undefined ? cards.flatMap(card => foundLines(card, style)) : cards.map(({ to }) => to ?? '')
  })
  if (!wish.dryRun && wish.batch === undefined)
    out.note('Put it into the Pi and switch it on: it joins within minutes.')
}
