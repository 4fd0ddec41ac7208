import { describe, expect, test } from 'vitest'
import { detectFormat } from '../../../../../hardware/image/customise/index.ts'
import { bootOf, IMAGES } from './support.ts'

describe('the system of a card', () => {
  test.each([
    ['bookworm', 'systemd', 'Raspberry Pi OS (bookworm), image of 2024-11-19', '/boot/firmware'],
    ['bullseye', 'systemd', 'Raspberry Pi OS (bullseye or older), image of 2022-09-22', '/boot'],
    ['firstTrixie', 'systemd', 'Raspberry Pi OS (trixie or newer), image of 2025-10-01', '/boot/firmware'],
    ['trixie', 'cloudinit-rpi', 'Raspberry Pi OS (trixie or newer), image of 2025-12-04', '/boot/firmware'],
    ['preseed', 'rpi-preseed', 'Raspberry Pi OS (trixie or newer), image of 2026-09-01', '/boot/firmware'],
    ['ubuntu', 'cloudinit', 'Ubuntu, or another system with cloud-init', '/boot/firmware'],
    ['newUbuntu', 'cloudinit', 'Ubuntu, or another system with cloud-init', '/boot/firmware'],
  ] as const)('is seen: %s', async (image, format, os, bootFolder) => {
    const detected = await detectFormat(bootOf(IMAGES[image]))
    expect(detected).toMatchObject({ format, os, bootFolder })
    expect(detected.why.length).toBeGreaterThan(0)
  })

  test('is seen of bookworm without issue.txt, by its command line', async () => {
    const { 'issue.txt': _, ...files } = IMAGES.bookworm
    expect(await detectFormat(bootOf(files))).toMatchObject({ format: 'systemd', os: 'Raspberry Pi OS' })
  })

  test.each([
    [{}, /not the start of a Raspberry Pi system: there is no config\.txt/],
    [{ 'config.txt': '' }, /not complete: there is no cmdline\.txt/],
    [{ 'config.txt': '', 'cmdline.txt': 'root=1' }, /neither Raspberry Pi OS .* nor Ubuntu/],
    [
      { 'config.txt': '', 'cmdline.txt': 'root=1', 'dietpi.txt': '' },
      /is DietPi, which takes its settings in its own way/,
    ],
  ])('is refused when it is none that can be prepared (%#)', async (files, sentence) => {
    await expect(detectFormat(bootOf(files))).rejects.toMatchObject({
      code: 'bad_option',
      message: expect.stringMatching(sentence),
    })
  })
})
