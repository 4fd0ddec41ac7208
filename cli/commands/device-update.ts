import { dirname, join, resolve } from 'node:path'
import { usage } from '../args.ts'
import { defineCommand } from '../command.ts'
import { deviceFolder, FOLDER_OPTION } from '../device-folder.ts'
import { EXIT } from '../exit-codes.ts'

const name = 'device update'

/** `hedgerow device update` */
export const deviceUpdate = defineCommand({
  name,
  summary: 'show, look for or install a newer version of the device',
  details:
    'With nothing more it says which version is good, which is tried and which waits. The launcher of a device runs it with --apply every\n' +
    'quarter of an hour. What is installed was signed by the makers of releases, whose root the device trusts since its card was made, or by\n' +
    'the hash that is named once with --update-root. A version that proves not to be well is left again by itself.',
  options: {
    ...FOLDER_OPTION,
    home: {
      type: 'text',
      value: 'DIR',
      describe: "where versions are kept; updates in the device's folder when left out",
    },
    check: { type: 'flag', describe: 'ask what there is, and say what would be installed' },
    apply: { type: 'flag', describe: 'install it; the launcher tries it when the device has finished what it does' },
    url: { type: 'text', value: 'URL', describe: "where updates are, from now on; the region's own when left out" },
    'update-root': { type: 'text', value: 'SHA256', describe: 'the root to trust, as `release init` printed it' },
  },
  examples: [
    { line: 'hedgerow device update --update-root 4f…e1 --check', does: 'trusts a root from now on, and looks' },
    { line: 'hedgerow device update --apply', does: 'installs what there is for this device' },
  ],
  run: async ({ options, io, out }) => {
    if (options.check && options.apply) throw usage({ name }, '--check and --apply are two different things')
    const { applyUpdate, checkForUpdate, readSource, sourceUrl, updateStatus, writeSource } = await import(
      '../../device/update/index.ts'
    )
    const { Home, nodeFiles } = await import('../../device/launcher/index.ts')
    const path = options.home === undefined ? join(deviceFolder(io, options), 'updates') : resolve(io.cwd, options.home)
    const home = new Home(nodeFiles, path, baseOf(io.entry, path))
    if (options.url !== undefined || options['update-root'] !== undefined) {
      const { url, rootSha256 } = readSource(home)
      writeSource(home, { url: options.url ?? url, rootSha256: options['update-root']?.toLowerCase() ?? rootSha256 })
    }
    if (!options.check && !options.apply) {
      const status = updateStatus(home)
      out.result(status, style => [
        `Version ${style.bold(status.version)} is the good one.`,
        ...(status.trying === null ? [] : [`Version ${status.trying} is being tried.`]),
        ...(status.staged === null ? [] : [`Version ${status.staged} is installed and waits.`]),
        ...status.bad.map(({ version, reason }) => `Version ${version} was not well here: ${reason}.`),
        status.source === null ? 'Nobody has said where updates are.' : `Updates come from ${status.source}`,
      ])
      return EXIT.ok
    }
    const url = sourceUrl(home)
    // What a region with an authority of its own offers is behind the same authority as the region.
    if (url !== null) (await import('../trust.ts')).trustAsDevice(dirname(path), url)
    const parts = {
      home,
      clock: io.clock,
      get: fetch,
      node: process.versions.node,
      log: (line: string) => out.note(line),
    }
    const outcome = await (options.apply ? applyUpdate(parts) : checkForUpdate(parts))
    out.result(outcome, () => [outcome.says])
    return EXIT.ok
  },
})

/** The package this command belongs to is the base, unless it is one of the versions that were installed. */
function baseOf(entry: string, home: string): string | null {
  const own = resolve(entry, '..', '..', '..')
  return own.startsWith(join(home, 'releases')) ? null : own
}
