import type { Judgement } from '../../device/governor/index.ts'
import { defineCommand } from '../command.ts'
import { deviceFolder, FOLDER_OPTION, ownerFile } from '../device-folder.ts'
import { EXIT } from '../exit-codes.ts'
import { type Column, tableLines } from '../terminal/table.ts'

/** Load is seen between two looks, and a topic needs a moment to be heard. */
const LOOK_AGAIN_MS = 2_000

const COLUMNS: readonly Column<Judgement>[] = [
  { title: 'RULE', value: ({ rule }) => rule },
  { title: 'NOW', value: ({ reading }) => reading, shrinks: true },
  { title: 'WORKS WHILE', value: ({ limit }) => limit, shrinks: true },
  {
    title: 'VERDICT',
    value: ({ paused }) => (paused ? 'pauses' : 'works'),
    paint: ({ paused }, style) => (paused ? style.warn : style.good),
  },
]

/** `hedgerow device governor` */
export const deviceGovernor = defineCommand({
  name: 'device governor',
  summary: "show the owner's rules for this machine, and what each says now",
  details:
    'Reads the rules of a device on this machine and looks for two seconds at what they are about. No region is asked, and\n' +
    'the device need not run. Verdicts are of this moment: a device that has paused also waits until a rule is content for\n' +
    'the time it asks for, and says so when it starts and in `hedgerow device explain`.',
  options: {
    ...FOLDER_OPTION,
    governor: { type: 'text', value: 'FILE', describe: 'the rules; governor.yaml in its folder when left out' },
  },
  examples: [
    { line: 'hedgerow device governor', does: 'a table of the rules, what is measured and what it means' },
    { line: 'hedgerow device governor --governor night.yaml --json', does: 'tries rules before a device has them' },
  ],
  run: async ({ options, io, out }) => {
    const { devicePid, readHere, GovernorPolicy } = await import('../../device/index.ts')
    const { judgeNow } = await import('../../device/governor/index.ts')
    const stateDir = deviceFolder(io, options)
    const path = ownerFile(io, stateDir, 'governor.yaml', options.governor)
    const policy = path === null ? GovernorPolicy() : await (await import('../governor-file.ts')).readGovernorFile(path)
    const reader = readHere(policy, { stateDir, devicePid: devicePid(stateDir) ?? process.pid, log: () => {} })
    try {
      const rules = await judgeNow(policy, reader, io.clock, LOOK_AGAIN_MS)
      const works = rules.every(({ paused }) => !paused)
      out.result({ file: path, works, rules }, style => tableLines(rules, COLUMNS, io.stdout, style))
      if (path === null)
        out.note(`There is no governor.yaml in ${stateDir}: these are the rules that every device has.`)
    } finally {
      reader.close()
    }
    return EXIT.ok
  },
})
