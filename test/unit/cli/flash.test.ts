/** `hedgerow flash` as it is typed, on real images. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { flash } from '../../../cli/commands/flash.ts'
import { EXIT } from '../../../cli/exit-codes.ts'
import { confirmErase } from '../../../cli/flash-confirm.ts'
import { FlashProgress } from '../../../cli/flash-progress.ts'
import { run } from '../../../cli/run.ts'
import type { Disk } from '../../../hardware/image/index.ts'
import { decodeClaimCode, encodeClaimCode, regionName, toHex } from '../../../protocol/index.ts'
import { tempDirs } from '../../support/temp-dir.ts'
import { checkCard, hasCardTools, makeCardImage, readFromCard } from '../hardware/image/card-images.ts'
import { CLAIM, IMAGES, writeFiles } from '../hardware/image/customise/support.ts'
import { startFakeAdmin } from './fake-admin.ts'
import { fakeClock, fakeIo, fakeTerminal } from './fake-io.ts'

const newFolder = tempDirs()
let images = ''

beforeAll(() => {
  images = mkdtempSync(join(tmpdir(), 'hedgerow-cli-flash-'))
  if (hasCardTools()) makeCardImage(join(images, 'trixie.img'), { files: IMAGES.trixie })
})
afterAll(() => rmSync(images, { recursive: true, force: true }))

const NODE = `hostname: garden
claim: ${CLAIM}
wifi: {ssid: Home, password: correct horse, country: DE}
interfaces: {i2c: true}
`

function folderWithNode(text = NODE): string {
  const folder = newFolder()
  writeFileSync(join(folder, 'node.yaml'), text)
  return folder
}

async function flashIn(cwd: string, words: readonly string[], more: Parameters<typeof fakeIo>[0] = {}) {
  const io = fakeIo({ cwd, ...more })
  const code = await run(['flash', ...words], io, [flash])
  return { code, out: io.stdout.text(), err: io.stderr.text() }
}

const trixie = () => join(images, 'trixie.img')

describe.skipIf(!hasCardTools())('hedgerow flash', () => {
  it('writes an image file', async () => {
    const cwd = folderWithNode()
    const { code, out, err } = await flashIn(cwd, [trixie(), '--node', 'node.yaml', '--to', 'card.img'])
    expect(err).toMatch(
      /^preparing the boot partition .*\n[\s\S]*writing 100 % .*\n[\s\S]*Wrote 53 MB to .*card\.img in .*, and read all of it back\./,
    )
    expect(out).toMatch(/^Raspberry Pi OS \(trixie or newer\), image of 2025-12-04: settings as cloudinit-rpi\n/)
    expect(code).toBe(EXIT.ok)
    const card = join(cwd, 'card.img')
    checkCard(card)
    expect(readFromCard(card, 'user-data').toString()).toContain('garden')
    expect(readFromCard(card, 'network-config').toString()).toContain('Home')
  })

  it('prints what was written as JSON, without secrets', async () => {
    const cwd = folderWithNode()
    const { out, err } = await flashIn(cwd, [trixie(), '--node', 'node.yaml', '--to', 'card.img', '--json'])
    const { dryRun, cards } = JSON.parse(out)
    expect(err).toBe('')
    expect({ dryRun, cards }).toMatchObject({
      dryRun: false,
      cards: [{ to: join(cwd, 'card.img'), imageBytes: 53_477_376 }],
    })
    expect(cards[0].sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(out).not.toContain(CLAIM)
    expect(out).not.toContain('correct horse')
  })

  it('shows every byte without writing anything', async () => {
    const cwd = folderWithNode()
    const { code, out } = await flashIn(cwd, [trixie(), '--node', 'node.yaml', '--dry-run'])
    expect(code).toBe(EXIT.ok)
    expect(out).toContain('Files of cloud-init are there')
    expect(out).toMatch(/── cmdline\.txt \(\d+ bytes\)\nconsole=serial0,115200 /)
    expect(out).toMatch(/── user-data \(\d+ bytes\)/)
    expect(out).toContain('secret: --show-secrets prints it')
    expect(out).not.toContain(CLAIM)
    expect(readdirSync(cwd)).toEqual(['node.yaml'])
    const shown = await flashIn(cwd, [trixie(), '--node', 'node.yaml', '--dry-run', '--show-secrets'])
    expect(shown.out).toContain(CLAIM)
    expect(shown.out).not.toContain('secret: --show-secrets')
  })

  it('writes exactly what a dry run shows as JSON', async () => {
    const cwd = folderWithNode()
    const words = [trixie(), '--node', 'node.yaml']
    const dry = JSON.parse((await flashIn(cwd, [...words, '--dry-run', '--show-secrets', '--json'])).out)
    expect(dry).toMatchObject({
      dryRun: true,
      cards: [{ to: null, sha256: null, detected: { format: 'cloudinit-rpi' } }],
    })
    await flashIn(cwd, [...words, '--to', 'card.img'])
    expect(dry.cards[0].files.length).toBeGreaterThan(5)
    for (const { path, text, bytes } of dry.cards[0].files) {
      const found = readFromCard(join(cwd, 'card.img'), path)
      expect([path, found.toString(), found.length]).toEqual([path, text, bytes])
    }
  })

  it('takes the format that is named', async () => {
    const cwd = folderWithNode()
    const words = [trixie(), '--node', 'node.yaml', '--dry-run', '--json']
    const { out } = await flashIn(cwd, [...words, '--format', 'rpi-preseed'])
    const [card] = JSON.parse(out).cards
    expect(card.detected).toMatchObject({ format: 'rpi-preseed', why: ['--format names it.'] })
    expect(card.files.map(({ path }: { path: string }) => path)).toContain('rpi-preseed.toml')
    const wrong = await flashIn(cwd, [...words, '--format', 'grub'])
    expect(wrong).toMatchObject({ code: EXIT.usage })
  })

  it('prepares the boot folder of a card', async () => {
    const cwd = folderWithNode()
    const boot = join(cwd, 'bootfs')
    const before = Object.entries(IMAGES.bookworm).map(([path, text]) => ({ path, content: Buffer.from(text) }))
    writeFiles(boot, before)
    const dry = await flashIn(cwd, ['--boot', 'bootfs', '--node', 'node.yaml', '--dry-run'])
    expect(dry.out).toContain('── firstrun.sh')
    expect(readdirSync(boot).toSorted()).toEqual(Object.keys(IMAGES.bookworm).toSorted())
    const { code, err } = await flashIn(cwd, ['--boot', 'bootfs', '--node', 'node.yaml'])
    expect(code).toBe(EXIT.ok)
    expect(err).toMatch(/^Wrote \d+ files to .*bootfs in/)
    expect(readFileSync(join(boot, 'cmdline.txt'), 'utf8')).toContain('firstrun.sh')
  })

  it('puts a bundle on the card', async () => {
    const cwd = folderWithNode()
    const bundle = Buffer.concat([Buffer.from('fd377a585a00', 'hex'), Buffer.alloc(3_000_000, 7)])
    writeFileSync(join(cwd, 'bundle'), bundle)
    const { code } = await flashIn(cwd, [trixie(), '--node', 'node.yaml', '--to', 'card.img', '--bundle', 'bundle'])
    expect(code).toBe(EXIT.ok)
    expect(readFromCard(join(cwd, 'card.img'), 'hedgerow-bundle.tar.xz').equals(bundle)).toBe(true)
    writeFileSync(join(cwd, 'bundle'), 'not one')
    const wrong = await flashIn(cwd, [trixie(), '--node', 'node.yaml', '--to', 'other.img', '--bundle', 'bundle'])
    expect(wrong.err).toMatch(/bundle is no bundle: it must be a \.tar\.xz or \.tar\.gz/)
  })

  it.each([['/dev/hedgerow-none', "There is no disk /dev/hedgerow-none: 'hedgerow flash --list' shows the cards."]])(
    'refuses the disk %s',
    async (to, message) => {
      const { code, err } = await flashIn(folderWithNode(), [trixie(), '--node', 'node.yaml', '--to', to, '--yes'])
      expect({ code, err }).toEqual({ code: EXIT.failure, err: `hedgerow: ${message}\n` })
    },
  )

  it('says in one sentence what is wrong', async () => {
    const cwd = folderWithNode()
    writeFileSync(join(cwd, 'page.img'), '<html>')
    const words = ['--node', 'node.yaml', '--to', 'card.img']
    const wrong = await flashIn(cwd, ['page.img', ...words])
    expect(wrong.err).toMatch(/^hedgerow: .*page\.img is a web page and no image: the download went wrong\.\n$/)
    const missing = await flashIn(cwd, ['none.img', ...words])
    expect(missing.err).toMatch(/^hedgerow: .*none\.img does not exist\.\n$/)
    const node = await flashIn(cwd, [trixie(), '--node', 'none.yaml', '--to', 'card.img'])
    expect(node.err).toMatch(/^hedgerow: There is no node description .*none\.yaml: check its name\.\n$/)
    writeFileSync(join(cwd, 'node.yaml'), NODE.replace('hostname: garden', 'hostname: "-"'))
    const bad = await flashIn(cwd, [trixie(), ...words])
    expect(bad.err).toMatch(/^hedgerow: node\.yaml: .*hostname/)
    expect(readdirSync(cwd).toSorted()).toEqual(['node.yaml', 'page.img'])
  })
})

describe('hedgerow flash', () => {
  it('lists the disks of this machine', async () => {
    const { code, out } = await flashIn(newFolder(), ['--list', '--json'])
    expect(code).toBe(EXIT.ok)
    for (const disk of JSON.parse(out).disks) expect(disk).toMatchObject({ path: `/dev/${disk.name}` })
    expect((await flashIn(newFolder(), ['--list'])).out).toMatch(
      /^(DISK +SIZE +MODEL +REMOVABLE +IN USE\n|There is no disk)/,
    )
  })

  it.each([
    [['x.img'], '--node is missing'],
    [['--node', 'n'], 'IMAGE is missing'],
    [['x.img', '--node', 'n'], '--to is missing'],
    [['x.img', '--node', 'n', '--boot', 'b'], 'exclude each other'],
    [['--node', 'n', '--boot', 'b', '--to', 't'], '--to needs --batch'],
    [['--node', 'n', '--boot', 'b', '--sha256', 'a'], '--sha256 is about an image'],
    [['x.img', '--node', 'n', '--to', 't', '--batch', '2'], '--owner is missing'],
    [['x.img', '--node', 'n', '--to', '/dev/sdz', '--batch', '2', '--owner', 'a'], '--batch makes files'],
    [['x.img', '--node', 'n', '--batch', '2', '--owner', 'a', '--dry-run'], '--to is missing'],
    [['x.img', '--node', 'n', '--to', 't', '--owner', 'a', '--dry-run'], '--dry-run makes no claims'],
    [['x.img', '--node', 'n', '--to', 't', '--owner', 'a', '--expires', '90d'], '--expires must be'],
  ])('refuses %j', async (words, message) => {
    const { code, err } = await flashIn(newFolder(), words)
    expect(code).toBe(EXIT.usage)
    expect(err).toContain(message)
  })
})

describe.skipIf(!hasCardTools())('a batch', () => {
  const claimOf = (number: number) =>
    encodeClaimCode({
      mqttUrl: 'mqtt://10.0.0.1:1883',
      region: regionName('north'),
      regionKeyThumbprint: new Uint8Array(32).fill(7),
      secret: new Uint8Array(16).fill(number),
    })

  async function withRegion(use: (cwd: string, calls: () => string[]) => Promise<void>): Promise<void> {
    const admin = await startFakeAdmin()
    const cwd = folderWithNode(NODE.replace(/^claim: .*\n/m, ''))
    let made = 0
    admin.answers['POST /api/claims'] = () => ({ code: claimOf(++made), expiresAtMs: 1 })
    admin.admitTo(join(cwd, '.hedgerow'))
    try {
      await use(cwd, () => admin.calls.map(({ body }) => body))
    } finally {
      await admin.close()
    }
  }

  it('makes numbered images, each with a claim of its own', async () => {
    await withRegion(async (cwd, calls) => {
      const words = [trixie(), '--node', 'node.yaml', '--to', 'card.img', '--batch', '2', '--owner', 'school']
      const { code, out, err } = await flashIn(cwd, words)
      expect(err).toContain('garden-2: ')
      expect(code).toBe(EXIT.ok)
      expect(out).toBe(`${join(cwd, 'card-1.img')}\n${join(cwd, 'card-2.img')}\n`)
      for (const number of [1, 2]) {
        const settings = readFromCard(join(cwd, `card-${number}.img`), 'hedgerow/device.env').toString()
        const [code = ''] = /hedgerow-claim:[^\s"']+/.exec(settings) ?? []
        expect(toHex(decodeClaimCode(code).secret)).toBe(`0${number}`.repeat(16))
        expect(readFromCard(join(cwd, `card-${number}.img`), 'user-data').toString()).toContain(`garden-${number}`)
      }
      expect(calls().map(body => JSON.parse(body))).toEqual(
        Array.from({ length: 2 }, () => ({ owner: 'school', lifetimeMs: 7 * 86_400_000 })),
      )
    })
  })

  it('makes boot folders named for their nodes', async () => {
    await withRegion(async cwd => {
      writeFiles(
        join(cwd, 'bootfs'),
        Object.entries(IMAGES.trixie).map(([path, text]) => ({ path, content: Buffer.from(text) })),
      )
      mkdirSync(join(cwd, 'cards'))
      const words = ['--boot', 'bootfs', '--node', 'node.yaml', '--to', 'cards', '--batch', '2', '--owner', 'school']
      const { code, err } = await flashIn(cwd, words)
      expect(err).toContain('garden-1: ')
      expect(code).toBe(EXIT.ok)
      expect(readdirSync(join(cwd, 'cards'))).toEqual(['garden-1', 'garden-2'])
      expect(readFileSync(join(cwd, 'cards', 'garden-2', 'user-data'), 'utf8')).toContain('garden-2')
      expect(readdirSync(join(cwd, 'bootfs')).toSorted()).toEqual(Object.keys(IMAGES.trixie).toSorted())
    })
  })
})

describe('before a disk is erased', () => {
  const disk: Disk = {
    name: 'sdb',
    path: '/dev/sdb',
    sizeBytes: 31_914_983_424,
    model: 'Generic STORAGE',
    removable: true,
    readOnly: false,
    uses: [],
    system: false,
  }

  it.each(['sdb', '/dev/sdb', ' sdb '])('its name must be typed, as %j', async line => {
    const io = fakeIo({ isTTY: true, line })
    await confirmErase(io, disk)
    expect(io.stderr.text()).toBe(
      'Everything on /dev/sdb (Generic STORAGE, 31.9 GB) will be erased. Type sdb to go on: ',
    )
  })

  it.each(['', 'y', 'yes', 'sda', 'sdb1'])('%j is no yes', async line => {
    await expect(confirmErase(fakeIo({ isTTY: true, line }), disk)).rejects.toThrow(
      "Nothing was written to /dev/sdb: the answer was not 'sdb'.",
    )
  })

  it('Ctrl-C is no yes', async () => {
    const io = fakeIo({ isTTY: true })
    const waiting = { ...io, stdin: { ...io.stdin, line: () => new Promise<string>(() => {}) } }
    const asked = confirmErase(waiting, disk)
    io.abort()
    await expect(asked).rejects.toThrow('Nothing was written')
  })

  it('somebody must be there to ask', async () => {
    await expect(confirmErase(fakeIo({ line: 'sdb' }), disk)).rejects.toThrow('--yes is missing')
  })
})

describe('the progress of a card', () => {
  it('is a bar on a terminal', async () => {
    const stderr = fakeTerminal(true, 60)
    const clock = fakeClock()
    const progress = new FlashProgress({ stderr, env: {}, clock })
    progress.update('write', 4_000_000, 400_000_000)
    await clock.advance(2_000)
    progress.update('write', 100_000_000, 400_000_000)
    await clock.advance(10)
    progress.update('write', 101_000_000, 400_000_000)
    progress.clear()
    const drawn = stderr.text().split('\r\x1b[K')
    expect(drawn).toHaveLength(4)
    expect(drawn[2]).toBe('######.................. writing 25 %  100 MB of 400 MB  50 '.slice(0, 59))
  })

  it('is a line every few seconds elsewhere, and one at the end', async () => {
    const stderr = fakeTerminal(false)
    const clock = fakeClock()
    const progress = new FlashProgress({ stderr, env: {}, clock })
    for (let second = 0; second <= 8; second++) {
      progress.update('verify', second * 250_000_000, 2_000_000_000)
      await clock.advance(1_000)
    }
    progress.update('verify', 2_000_000_000, 2_000_000_000)
    expect(stderr.text().split('\n')).toEqual([
      'reading back 0 %  0 MB of 2.00 GB',
      'reading back 62 %  1.25 GB of 2.00 GB  250 MB/s  ETA 3 s',
      'reading back 100 %  2.00 GB of 2.00 GB  250 MB/s',
      '',
    ])
  })
})
