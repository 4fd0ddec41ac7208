/** Sensors that the kernel shows as a folder of files: what there is, and which one an owner means. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type ChannelKind, HWMON_KINDS, IIO_KINDS } from './channel-kinds.ts'
import { list, parentName, peek, readNumber, under } from './files.ts'

/** A channel of a device, by the kernel's name for it, such as `voltage0` or `temp1`. */
export interface KernelChannel {
  readonly name: string
  readonly kind: ChannelKind
}

/** A device as its folder shows it. */
export interface KernelDevice {
  /** The driver's name for it, such as `bme280`. */
  readonly name: string
  /** Where it is, such as `1-0076`; empty when the kernel does not tell. */
  readonly at: string
  readonly folder: string
  readonly channels: readonly KernelChannel[]
}

/** A subsystem of the kernel that has such devices. */
export interface Subsystem {
  readonly driver: 'iio' | 'hwmon'
  /** Every device there is at this moment. */
  devices(root: string): readonly KernelDevice[]
  /**
   * A channel's value in the kernel's unit.
   * @throws {KernelFault}
   */
  read(folder: string, channel: string): Promise<number>
}

/** Industrial I/O: converters, weather, gas and particle sensors. */
export const iio: Subsystem = {
  driver: 'iio',
  devices: root => devicesIn(under(root, 'sys/bus/iio/devices'), /^iio:device\d+$/, 1, iioChannels),
  async read(folder, channel) {
    const file = join(folder, `in_${channel}`)
    if (existsSync(`${file}_input`)) return readNumber(`${file}_input`)
    const raw = await readNumber(`${file}_raw`)
    const part = (name: string) =>
      sharedNames(channel, name)
        .map(file => peek(join(folder, file)))
        .find(text => text !== null)
    return (raw + Number(part('offset') ?? 0)) * Number(part('scale') ?? 1)
  },
}

/** Hardware monitoring: voltages, fans and the plainer thermometers and hygrometers. */
export const hwmon: Subsystem = {
  driver: 'hwmon',
  devices: root => devicesIn(under(root, 'sys/class/hwmon'), /^hwmon\d+$/, 2, hwmonChannels),
  read: (folder, channel) => readNumber(join(folder, `${channel}_input`)),
}

function devicesIn(
  parent: string,
  pattern: RegExp,
  levels: number,
  channelsIn: (folder: string) => readonly KernelChannel[],
): readonly KernelDevice[] {
  return list(parent)
    .filter(entry => pattern.test(entry))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map(entry => join(parent, entry))
    .map(folder => ({
      name: peek(join(folder, 'name')) ?? '',
      at: parentName(folder, levels),
      folder,
      channels: channelsIn(folder),
    }))
}

/** Where a channel's scale or offset may be: its own, that of all of its type, that of all channels. */
function sharedNames(channel: string, part: string): string[] {
  const type = channel.split('_')[0]?.replace(/\d+$/, '') ?? ''
  return [`in_${channel}_${part}`, `in_${channel.replace(/\d+$/, '')}_${part}`, `in_${type}_${part}`, `in_${part}`]
}

function iioChannels(folder: string): readonly KernelChannel[] {
  return channelsOf(
    folder,
    /^in_(.+)_(?:input|raw)$/,
    name => IIO_KINDS.get(name) ?? IIO_KINDS.get(name.replace(/\d+$/, '')),
  )
}

function hwmonChannels(folder: string): readonly KernelChannel[] {
  return channelsOf(folder, /^([a-z]+\d+)_input$/, name => HWMON_KINDS.get(name.replace(/\d+$/, '')))
}

function channelsOf(
  folder: string,
  pattern: RegExp,
  kindOf: (name: string) => ChannelKind | undefined,
): readonly KernelChannel[] {
  const names = new Set(list(folder).flatMap(file => pattern.exec(file)?.[1] ?? []))
  return [...names].flatMap(name => {
    const kind = kindOf(name)
    return kind === undefined ? [] : [{ name, kind }]
  })
}
