/** Boot folders of cards that are written already. */
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { planBootFolder, writeBootFolder } from '../../../../hardware/image/boot-folder.ts'
import { customise, detectFormat } from '../../../../hardware/image/customise/index.ts'
import type { Customiser } from '../../../../hardware/image/prepare.ts'
import { tempDirs } from '../../../support/temp-dir.ts'
import { describeNode, EVERYTHING, IMAGES, NOW_MS, writeFiles } from './customise/support.ts'

const newFolder = tempDirs()
const CUSTOMISER: Customiser = {
  detect: detectFormat,
  customise: (detected, boot) => customise(describeNode(EVERYTHING), detected, boot, { nowMs: NOW_MS }),
}

function bootFolder(files: Readonly<Record<string, string>>): string {
  const folder = newFolder()
  writeFiles(
    folder,
    Object.entries(files).map(([path, content]) => ({ path, content: Buffer.from(content) })),
  )
  return folder
}

describe('a boot folder', () => {
  it.each(Object.keys(IMAGES) as (keyof typeof IMAGES)[])('of %s gets its files', async name => {
    const folder = bootFolder(IMAGES[name])
    const plan = await planBootFolder(folder, CUSTOMISER)
    expect(readdirSync(folder).toSorted()).toEqual(
      Object.keys(IMAGES[name])
        .map(path => path.split('/')[0])
        .toSorted(),
    )
    await writeBootFolder(folder, plan.files)
    for (const { path, content } of plan.files)
      expect(readFileSync(join(folder, path)).equals(content), path).toBe(true)
    expect(readdirSync(folder, { recursive: true }).filter(path => String(path).endsWith('.part'))).toEqual([])
  })

  it('may be prepared twice', async () => {
    const folder = bootFolder(IMAGES.trixie)
    const once = await planBootFolder(folder, CUSTOMISER)
    await writeBootFolder(folder, once.files)
    const twice = await planBootFolder(folder, CUSTOMISER)
    const text = (plan: typeof once, path: string) => plan.files.find(file => file.path === path)?.content.toString()
    for (const path of ['cmdline.txt', 'config.txt']) expect(text(twice, path)).toBe(text(once, path))
  })

  it('that is none is refused', async () => {
    const folder = bootFolder({ 'notes.txt': 'mine' })
    await expect(planBootFolder(folder, CUSTOMISER)).rejects.toThrow(
      /is no boot folder of a card.*bootfs or system-boot/,
    )
    await expect(planBootFolder(join(folder, 'gone'), CUSTOMISER)).rejects.toThrow('There is no folder')
    expect(readdirSync(folder)).toEqual(['notes.txt'])
  })

  it('without room for the bundle is refused', async () => {
    const folder = bootFolder(IMAGES.trixie)
    const huge = { length: 2 ** 60 } as Uint8Array
    const customiser: Customiser = {
      detect: detectFormat,
      customise: async () => ({ files: [{ path: 'hedgerow-bundle.tar.xz', content: huge }], warnings: [] }),
    }
    await expect(planBootFolder(folder, customiser)).rejects.toMatchObject({ code: 'no_space' })
  })

  it('that is full says so, and keeps what it had', async () => {
    const folder = bootFolder(IMAGES.trixie)
    const { files } = await planBootFolder(folder, CUSTOMISER)
    symlinkSync('/dev/full', join(folder, 'user-data.part'))
    await expect(writeBootFolder(folder, files)).rejects.toThrow(/ is full: delete what is not needed/)
    expect(readFileSync(join(folder, 'user-data'), 'utf8')).toBe(IMAGES.trixie['user-data'])
    expect(existsSync(join(folder, 'user-data.part'))).toBe(false)
  })

  it.each(['cmdline.txt', 'hedgerow/first-boot.sh'])('that is gone when %s is written is not made anew', async path => {
    const folder = join(newFolder(), 'bootfs')
    const written = writeBootFolder(folder, [{ path, content: Buffer.from('x') }])
    await expect(written).rejects.toThrow(/^The card at .*bootfs stopped answering \(ENOENT\): .* run this again\.$/)
    await expect(written).rejects.toMatchObject({ code: 'unplugged' })
    expect(existsSync(folder)).toBe(false)
  })
})
