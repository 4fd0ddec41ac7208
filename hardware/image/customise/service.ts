/** What systemd is told beyond the unit that every device has: drop-ins for this card. */
import type { NodeDescription } from './types.ts'

/** Puts the software that the first start installs, and the owner's files, into the unit. */
export function flashDropIn({ label, sensors, governor }: NodeDescription): string {
  const files = [...(sensors === undefined ? [] : ['sensors']), ...(governor === undefined ? [] : ['governor'])]
  const options = [
    ...(label === undefined ? [] : ['--label', `\${HEDGEROW_LABEL}`]),
    ...files.flatMap(name => [`--${name}`, `\${CREDENTIALS_DIRECTORY}/${name}.yaml`]),
  ]
  return [
    '# Written by hedgerow flash.',
    '[Service]',
    'Environment=HEDGEROW_SERVICE=1 HEDGEROW_BASE=/opt/hedgerow/current',
    'ExecStart=',
    ['ExecStart=/opt/hedgerow/start device --folder %S/hedgerow-device', ...options].join(' '),
    // The folder is root's alone; the service gets copies that no other user can read.
    ...files.map(name => `LoadCredential=${name}.yaml:/etc/hedgerow/${name}.yaml`),
    // Rules about other programs need to see them.
    ...(governor !== undefined && /^exclusive:/m.test(governor) ? ['ProtectProc=default'] : []),
    '',
  ].join('\n')
}

/** Kinds of serial ports, by their names in /dev and in /proc/devices. */
const PORT_KINDS: readonly (readonly [port: RegExp, kinds: readonly string[]])[] = [
  [/^\/dev\/(?:serial\d|ttyAMA\d+|ttyS\d+)$/, ['char-ttyAMA', 'char-ttyS']],
  [/^\/dev\/(?:ttyUSB\d+|ttyACM\d+|serial\/.*)$/, ['char-ttyUSB', 'char-ttyACM']],
]

/**
 * Lets the service use the serial ports of its sensors and no other device. Kinds rather than names: a sensor that is
 * plugged in again comes back under another number.
 * @returns null when no sensor is on a port; sensors of the kernel are read as files
 */
export function sensorsDropIn(ports: readonly string[]): string | null {
  if (ports.length === 0) return null
  const kinds = ports.flatMap(port => PORT_KINDS.find(([form]) => form.test(port))?.[1] ?? [port])
  return [
    '# Written by hedgerow flash for the sensors of this device.',
    '[Service]',
    'PrivateDevices=no',
    'DevicePolicy=closed',
    ...[...new Set(kinds)].map(kind => `DeviceAllow=${kind} rw`),
    'SupplementaryGroups=dialout',
    '',
  ].join('\n')
}

/** Kernel modules to load at each start, so that ports can be allowed before they are plugged in; null when none are needed. */
export function modulesFile({ interfaces, sensorDevices }: NodeDescription): string | null {
  const isOnUsb = sensorDevices.some(port => PORT_KINDS[1]?.[0].test(port))
  const modules = [
    ...(interfaces.i2c ? ['i2c-dev'] : []),
    ...(interfaces.onewire ? ['w1-gpio', 'w1-therm'] : []),
    ...(isOnUsb ? ['usbserial', 'cdc-acm'] : []),
  ]
  return modules.length === 0 ? null : `# Written by hedgerow flash.\n${modules.join('\n')}\n`
}
