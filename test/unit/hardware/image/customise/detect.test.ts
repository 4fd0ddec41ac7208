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

  test('is seen of legacy images, which came out beside those of newer systems', async () => {
    const legacy = (image: Readonly<Record<string, string>>, date: string) =>
      detectFormat(bootOf({ ...image, 'issue.txt': `Raspberry Pi reference ${date}\n` }))
    expect(await legacy(IMAGES.bullseye, '2024-07-05')).toMatchObject({
      format: 'systemd',
      os: 'Raspberry Pi OS (bullseye or older), image of 2024-07-05',
      bootFolder: '/boot',
    })
    for (const date of ['2025-10-01', '2026-06-18']) {
      expect(await legacy(IMAGES.bookworm, date)).toMatchObject({
        format: 'systemd',
        os: `Raspberry Pi OS (bookworm), image of ${date}`,
        bootFolder: '/boot/firmware',
      })
    }
  })

  test('is seen by the day where config.txt is not the image’s own', async () => {
    const own = { 'config.txt': 'dtparam=audio=on\n' }
    expect(await detectFormat(bootOf({ ...IMAGES.bullseye, ...own }))).toMatchObject({ bootFolder: '/boot' })
    expect(await detectFormat(bootOf({ ...IMAGES.bookworm, ...own }))).toMatchObject({ bootFolder: '/boot/firmware' })
  })

  test('is seen of a card that has been started', async () => {
    const started = { ...IMAGES.bookworm, 'cmdline.txt': 'console=tty1 root=PARTUUID=1-02 rootwait\n' }
    expect(await detectFormat(bootOf(started))).toMatchObject({ format: 'systemd' })
    const legacy = { ...started, 'issue.txt': 'Raspberry Pi reference 2026-06-18\n' }
    expect(await detectFormat(bootOf(legacy))).toMatchObject({
      format: 'systemd',
      os: 'Raspberry Pi OS (bookworm or newer), image of 2026-06-18',
    })
  })

  test('is seen of what others have built with pi-gen', async () => {
    const issue = 'Hedge OS 2026-07-01\r\nGenerated using pi-gen, https://example.org/pi-gen, 0123456789ab, stage2\n'
    expect(await detectFormat(bootOf({ ...IMAGES.trixie, 'issue.txt': issue }))).toMatchObject({
      format: 'cloudinit-rpi',
      os: 'Raspberry Pi OS (trixie or newer), image of 2026-07-01',
    })
  })

  test('is seen of an image of rpi-image-gen that shows how rpi-preseed.toml is written', async () => {
    const { 'rpi-preseed.toml': example, 'issue.txt': _, ...files } = IMAGES.preseed
    expect(await detectFormat(bootOf({ ...files, 'rpi-preseed.toml.example': example }))).toMatchObject({
      format: 'rpi-preseed',
    })
  })

  test('is seen of Ubuntu Desktop, which has no network-config', async () => {
    const { 'network-config': _, ...files } = IMAGES.ubuntu
    expect(await detectFormat(bootOf(files))).toMatchObject({ format: 'cloudinit' })
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
