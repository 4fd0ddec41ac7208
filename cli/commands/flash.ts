import { resolve } from 'node:path'
import { LIMITS } from '../../protocol/limits.ts'
import { usage } from '../args.ts'
import { defineCommand } from '../command.ts'
import { parseDuration } from '../duration.ts'
import { EXIT } from '../exit-codes.ts'

const name = 'flash'

/** `hedgerow flash` */
export const flash = defineCommand({
  name,
  summary: 'write a card for a node: an image with its name, network, sensors and claim inside',
  details:
    'Puts a node description (docs/flashing.md) on a Raspberry Pi OS or Ubuntu image, writes it, reads it back and compares.\n' +
    'The image may be .img, .img.xz, .img.gz or .zip; the target a disk such as /dev/sdb, or a file. A mounted disk, or the\n' +
    'one this machine runs from, is never written to. With --boot, a card that the official imager has written is prepared.\n' +
    'Boards with an Arduino are not flashed by this command.',
  positionals: [{ name: 'IMAGE', describe: 'the image file; left out with --boot and --list', optional: true }],
  options: {
    node: { type: 'text', value: 'FILE', describe: 'the node description, a YAML file' },
    to: { type: 'text', value: 'TARGET', describe: 'where to write: a disk such as /dev/sdb, or a new image file' },
    boot: { type: 'text', value: 'DIR', describe: 'only prepare this boot folder of a card that is written already' },
    bundle: {
      type: 'text',
      value: 'FILE',
      describe: 'put this bundle of software on the card, for rooms without a network',
    },
    format: { type: 'text', value: 'NAME', describe: 'how the system takes its settings, when it is found wrongly' },
    'dry-run': { type: 'flag', describe: 'print what would be written, every file, and write nothing' },
    'show-secrets': { type: 'flag', describe: 'with --dry-run, print passwords, keys and the claim too' },
    sha256: { type: 'text', value: 'HEX', describe: 'check the image file against its publisher’s checksum first' },
    list: { type: 'flag', describe: 'list the disks of this machine, and which of them are cards' },
    yes: { type: 'flag', describe: 'do not ask before a disk is erased' },
    'yes-really': { type: 'flag', describe: 'also a disk that is not removable, or larger than a card' },
    owner: {
      type: 'text',
      value: 'NAME',
      describe: 'make the claim of each card, for this owner, in the running region',
    },
    expires: { type: 'text', value: 'TIME', default: '7d', describe: 'with --owner, how long the claims can be used' },
    batch: {
      type: 'integer',
      value: 'N',
      min: 1,
      max: 200,
      describe: 'with --owner, N numbered image files or boot folders; --to is the first part of their names',
    },
  },
  examples: [
    { line: 'hedgerow flash --list', does: 'shows which disk the card is' },
    { line: 'hedgerow flash raspios.img.xz --node node.yaml --to /dev/sdb', does: 'writes and verifies a card' },
    {
      line: 'hedgerow flash raspios.img.xz --node node.yaml --dry-run',
      does: 'shows every file that would be written',
    },
    {
      line: 'hedgerow flash --boot /media/me/bootfs --node node.yaml',
      does: 'prepares a card that the official imager has written',
    },
    {
      line: 'hedgerow flash raspios.img.xz --node node.yaml --to card.img --batch 20 --owner school',
      does: 'makes card-1.img to card-20.img, each with a claim of its own',
    },
  ],
  run: async ({ options, args: [image = ''], io, out }) => {
    if (options.list) {
      const { listDisks } = await import('../../hardware/image/index.ts')
      const { diskLines } = await import('../flash-words.ts')
      const disks = listDisks()
      out.result({ disks }, style => diskLines(disks, io.stdout, style))
      return EXIT.ok
    }
    const wrong = (complaint: string) => usage({ name }, complaint)
    const { node, to, boot, batch, owner } = options
    if (node === undefined) throw wrong('--node is missing: give the file that says what the node is to be')
    if (boot === undefined && image === '') throw wrong('IMAGE is missing: give an image, or --boot DIR')
    if (boot !== undefined && image !== '') throw wrong('IMAGE and --boot exclude each other')
    if (boot !== undefined && options.sha256 !== undefined)
      throw wrong('--sha256 is about an image, and --boot has none')
    if (boot === undefined && to === undefined && !options['dry-run']) throw wrong('--to is missing: a disk, or a file')
    if (boot !== undefined && to !== undefined && batch === undefined)
      throw wrong('--to needs --batch when there is --boot')
    if (batch !== undefined && to === undefined)
      throw wrong('--to is missing: the first part of the names of the batch')
    if (batch !== undefined && owner === undefined)
      throw wrong('--owner is missing: each card of a batch has its own claim')
    if (batch !== undefined && to?.startsWith('/dev/') === true) throw wrong('--batch makes files, and --to is a disk')
    if (owner !== undefined && options['dry-run']) throw wrong('--dry-run makes no claims: leave out --owner')
    const lifetimeMs = parseDuration(options.expires)
    if (lifetimeMs === null || lifetimeMs > LIMITS.claimLifetimeMsMax) {
      throw wrong(`--expires must be a time up to 30d, such as 24h or 7d, not '${options.expires}'`)
    }
    const { IMAGE_FORMATS } = await import('../../hardware/image/index.ts')
    const format = IMAGE_FORMATS.find(known => known === options.format) ?? null
    if (options.format !== undefined && format === null) {
      throw wrong(`--format must be one of ${IMAGE_FORMATS.join(', ')}, not '${options.format}'`)
    }
    const path = (text: string) => resolve(io.cwd, text)
    const { flashCards } = await import('../flash-cards.ts')
    return flashCards(io, out, {
      image: image === '' ? null : path(image),
      node: path(node),
      to: to === undefined ? undefined : path(to),
      boot: boot === undefined ? undefined : path(boot),
      bundle: options.bundle === undefined ? undefined : path(options.bundle),
      format,
      dryRun: options['dry-run'],
      showSecrets: options['show-secrets'],
      sha256: options.sha256,
      yes: options.yes,
      yesReally: options['yes-really'],
      claims: owner === undefined ? null : { owner, lifetimeMs, state: options.state },
      batch,
    })
  },
})
