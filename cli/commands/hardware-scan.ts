import type { FoundPort, FoundSensor, Scan } from '../../hardware/scan/index.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import type { Terminal } from '../io.ts'
import type { Style } from '../terminal/style.ts'
import { type Column, tableLines } from '../terminal/table.ts'

const SENSORS: readonly Column<FoundSensor>[] = [
  { title: 'SENSOR', value: ({ model }) => model },
  { title: 'AT', value: ({ at }) => at },
  { title: 'DRIVER', value: ({ config }) => config.driver },
  {
    title: 'MEASURES NOW',
    value: ({ readings }) => (readings.length === 0 ? 'nothing' : readings.join(', ')),
    paint: ({ readings }, style) => (readings.length === 0 ? style.bad : style.good),
    shrinks: true,
  },
]

const PORTS: readonly Column<FoundPort>[] = [
  { title: 'PORT', value: ({ path }) => path },
  { title: 'KIND', value: ({ kind }) => kind },
  { title: 'SENSOR', value: ({ config, note }) => String(config?.driver ?? (note === '' ? 'not looked' : 'none')) },
  { title: 'ADAPTER', value: ({ adapter }) => adapter, shrinks: true },
]

/** `hedgerow hardware scan` */
export const hardwareScan = defineCommand({
  name: 'hardware scan',
  summary: 'show the sensors of this computer',
  details:
    'Lists what the kernel knows (1-wire, I2C chips with a driver, the computer itself) and the serial ports, and prints the lines for ' +
    'sensors.yaml. With --probe it also listens on every serial port and asks what is there, which takes up to 17 seconds and ' +
    'changes no setting. Ports that another program uses are left alone.',
  options: {
    probe: { type: 'flag', describe: 'also find out what is on each serial port' },
  },
  examples: [
    { line: 'hedgerow hardware scan', does: 'sensors, ports, and what to switch on in config.txt' },
    { line: 'hedgerow hardware scan --probe', does: 'the same, with the sensors on serial ports' },
  ],
  run: async ({ options, io, out }) => {
    const { configLine, openNodeSerialPort, scanHardware } = await import('../../hardware/index.ts')
    const components = { clock: io.clock, openPort: openNodeSerialPort, root: '/' }
    const scan = await scanHardware(components, { probe: options.probe })
    const entries = [...scan.sensors, ...scan.ports].flatMap(({ config }) =>
      config === null ? [] : [configLine(config)],
    )
    out.result({ ...scan, entries }, style => scanLines(scan, entries, io.stdout, style))
    for (const note of notesOn(scan, options.probe)) out.note(note)
    return EXIT.ok
  },
})

/** A scan for people: tables, lines to paste, and lines that would show more. */
export function scanLines(scan: Scan, entries: readonly string[], terminal: Terminal, style: Style): string[] {
  const { sensors, ports, overlays } = scan
  return [
    ...(sensors.length === 0 ? ['The kernel shows no sensors.'] : tableLines(sensors, SENSORS, terminal, style)),
    '',
    ...(ports.length === 0 ? ['There are no serial ports.'] : tableLines(ports, PORTS, terminal, style)),
    ...(entries.length === 0
      ? []
      : ['', style.bold('For sensors.yaml'), 'sensors:', ...entries.map(line => `  ${line}`)]),
    ...(overlays.length === 0
      ? []
      : [
          '',
          style.bold('On a Raspberry Pi, lines in /boot/firmware/config.txt and a restart let the kernel see more'),
          ...overlays.map(({ line, sensor }) => `  ${line.padEnd(44)}# ${sensor}`),
        ]),
  ]
}

function notesOn({ sensors, ports }: Scan, probed: boolean): readonly string[] {
  const notes = [...sensors, ...ports].map(({ note }) => note).filter(note => note !== '')
  const hint = "'hedgerow hardware scan --probe' finds out what is on the serial ports."
  return ports.length > 0 && !probed ? [...notes, hint] : notes
}
