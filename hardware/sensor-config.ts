/** What the owner wrote about each sensor, checked. `docs/sensors.md` explains every field to people; ranges are checked in `config/`. */

/** How raw values become values: the formula first, then gain, then offset. */
export interface ChannelCalibration {
  /** Added last, in the channel's unit; default 0. */
  readonly offset?: number
  /** Multiplied, 0.001..1 000; default 1. */
  readonly gain?: number
  /** An expression of the raw value `x`, at most {@link LIMITS}.formulaBytesMax bytes. */
  readonly formula?: string
}

interface CommonConfig {
  /** What the owner calls it, and what names a sensor that has neither a serial number nor a port. 1..32 bytes. */
  readonly name?: string
  /** By quantity. */
  readonly calibration?: Readonly<Record<string, ChannelCalibration>>
}

interface PortConfig extends CommonConfig {
  /** Such as `/dev/serial0` or `/dev/serial/by-id/…`. */
  readonly port: string
}

/** Nova SDS011: particles, on a serial port. */
export interface Sds011Config extends PortConfig {
  readonly driver: 'sds011'
  /** Minutes between measurements of 30 s, to spare the laser; 0 measures all the time. 0..30, default 0. */
  readonly workPeriodMin?: number
}

/** Models of the Plantower family, by what their frames hold. */
export const PLANTOWER_MODELS = [
  'pms1003',
  'pms3003',
  'pms5003',
  'pms7003',
  'pmsa003',
  'pms5003s',
  'pms5003t',
  'pms5003st',
] as const
export type PlantowerModel = (typeof PLANTOWER_MODELS)[number]

/** Plantower PMSx003: particles, and with some models formaldehyde, temperature and humidity. */
export interface PlantowerConfig extends PortConfig {
  readonly driver: 'plantower'
  /** Default `pms5003`, which is also right for `pms7003` and `pmsa003`. */
  readonly model?: PlantowerModel
}

/** Winsen MH-Z19: carbon dioxide. */
export interface Mhz19Config extends PortConfig {
  readonly driver: 'mhz19'
  /** Lets the sensor take the least of each day for 400 ppm. Left as it is when not given. */
  readonly selfCalibration?: boolean
}

/** SenseAir S8: carbon dioxide. */
export interface SenseairS8Config extends PortConfig {
  readonly driver: 'senseair-s8'
  /** As for {@link Mhz19Config}. */
  readonly selfCalibration?: boolean
}

/** Sensirion SPS30 on its serial interface: particles. */
export interface Sps30Config extends PortConfig {
  readonly driver: 'sps30'
}

/** A GPS receiver that speaks NMEA. */
export interface GpsConfig extends PortConfig {
  readonly driver: 'gps'
  /** Default 9 600. */
  readonly baudRate?: number
}

/** Electricity meters whose registers are known. */
export const MODBUS_METERS = ['sdm120', 'sdm230', 'sdm630', 'pzem-004t'] as const
export type ModbusMeter = (typeof MODBUS_METERS)[number]
export const REGISTER_TYPES = ['u16', 's16', 'u32', 's32', 'f32', 'u32-swapped', 's32-swapped', 'f32-swapped'] as const
export type RegisterType = (typeof REGISTER_TYPES)[number]

/** One quantity in a Modbus device's registers. */
export interface ModbusRegister {
  readonly quantity: string
  /** 0..65 535, as the wire numbers them (not 30 001). */
  readonly address: number
  /** `-swapped`: the low word comes first. */
  readonly type: RegisterType
  /** `input` is read with function 4, `holding` with function 3. */
  readonly table: 'input' | 'holding'
  /** The register's number times this is the value in the quantity's unit. */
  readonly scale: number
}

/** A Modbus RTU device on an RS-485 adapter. Exactly one of `meter` and `registers`. */
export interface ModbusConfig extends PortConfig {
  readonly driver: 'modbus'
  /** Address on the bus, 1..247, default 1. */
  readonly unit?: number
  /** Default 9 600. */
  readonly baudRate?: number
  /** Default `none`. */
  readonly parity?: 'none' | 'even' | 'odd'
  readonly meter?: ModbusMeter
  /** 1..32 */
  readonly registers?: readonly ModbusRegister[]
}

/** Dallas DS18B20 (also DS18S20, DS1822, DS1825, MAX31820) on the kernel's 1-wire bus. */
export interface Ds18b20Config extends CommonConfig {
  readonly driver: 'ds18b20'
  /** The ROM id as the kernel writes it, `28-0316a2798aff`; without it, every such sensor on the bus. */
  readonly id?: string
}

/** One channel of a kernel driver, and what it measures here. */
export interface KernelInput {
  /** As the kernel names it: `voltage0` (of `in_voltage0_raw`), `temp1` (of `temp1_input`). */
  readonly channel: string
  readonly quantity: string
  /** Makes the quantity of `x`, the channel's value in V, A, W, °C, %, Pa, ppm, lx or Hz. Needed when it measures another quantity. */
  readonly formula?: string
}

interface KernelConfig extends CommonConfig {
  /** What the kernel calls it, such as `bme280` or `sht3x`. */
  readonly device: string
  /** Where it is, such as `1-0076` for address 0x76 on I2C bus 1; needed only where there are two of a kind. */
  readonly at?: string
  /** Default: everything it measures. 1..32 */
  readonly inputs?: readonly KernelInput[]
}

/** A sensor with a driver in the kernel's industrial I/O subsystem. */
export interface IioConfig extends KernelConfig {
  readonly driver: 'iio'
}

/** A sensor with a driver in the kernel's hardware monitoring subsystem. */
export interface HwmonConfig extends KernelConfig {
  readonly driver: 'hwmon'
}

/** The computer's own chip. */
export interface SocConfig extends CommonConfig {
  readonly driver: 'soc'
}

/** I2C parts that a Firmata board reads. */
export const FIRMATA_PARTS = ['bme280', 'bmp180', 'bmp280', 'sht31d', 'htu21d', 'si7020', 'mcp9808', 'bh1750'] as const
export type FirmataPart = (typeof FIRMATA_PARTS)[number]

/** An I2C part on the board. */
export interface FirmataPartInput {
  readonly part: FirmataPart
  /** I2C address, 0x08..0x77; the part's usual one when not given. */
  readonly address?: number
}

/** A voltage on an analog pin. */
export interface FirmataAnalogInput {
  /** Such as `A0`. */
  readonly analog: string
  readonly quantity: string
  /** Makes the quantity of `x`, the converter's number (0..1023 on most boards). */
  readonly formula: string
}

/** Closing contacts on a digital pin, counted. Exactly one of `perPulse` and `perHertz`. */
export interface FirmataPulseInput {
  /** Pin number on the board. */
  readonly pulses: number
  readonly quantity: string
  /** What each pulse adds, such as 0.2794 for the mm of a tipping bucket; a measurement is the sum since the last. */
  readonly perPulse?: number
  /** What each pulse a second means, such as 0.667 for the m/s of a cup wheel; a measurement is the mean since the last. */
  readonly perHertz?: number
  /** Pulses closer than this are one bouncing contact. 0..1 000, default 10. */
  readonly debounceMs?: number
}

export type FirmataInput = FirmataPartInput | FirmataAnalogInput | FirmataPulseInput

/** An Arduino or similar with StandardFirmata (or ConfigurableFirmata). Each input is a sensor of its own. */
export interface FirmataConfig extends PortConfig {
  readonly driver: 'firmata'
  /** Default 57 600. */
  readonly baudRate?: number
  /** 1..32 */
  readonly inputs: readonly FirmataInput[]
}

/** A recorded file that stands for a sensor. */
export interface ReplayConfig extends CommonConfig {
  readonly driver: 'replay'
  /** CSV with a first line of names, or a JSON object a line. */
  readonly file: string
  /** Quantity to column. */
  readonly columns: Readonly<Record<string, string>>
  /** Only lines whose columns have these values. */
  readonly where?: Readonly<Record<string, string>>
  /** Distance of lines in time, 1..86 400 000. */
  readonly periodMs: number
  /** Time of the first line; when not given the file is sampled live, again and again. */
  readonly startMs?: number
  /** The last line was just now. Instead of `startMs`. */
  readonly endsNow?: boolean
  /** How many times faster than real time lines come. 0.001..1 000 000, default 1. */
  readonly speed?: number
  /** Default: the name of the file. */
  readonly serial?: string
}

/** A sensor that makes its values up: a daily curve with noise. */
export interface SyntheticConfig extends CommonConfig {
  readonly driver: 'synthetic'
  /** 1..16 of the quantities that it can imitate. */
  readonly quantities: readonly string[]
  /** Sensors with equal seeds give equal values at equal times. */
  readonly seed: string
  /** Noise in parts of its usual size, 0..100, default 1. */
  readonly noise?: number
}

/** One entry of the owner's list. */
export type SensorConfig =
  | Sds011Config
  | PlantowerConfig
  | Mhz19Config
  | SenseairS8Config
  | Sps30Config
  | GpsConfig
  | ModbusConfig
  | Ds18b20Config
  | IioConfig
  | HwmonConfig
  | SocConfig
  | FirmataConfig
  | ReplayConfig
  | SyntheticConfig

export type DriverName = SensorConfig['driver']
/** The configuration of one driver. */
export type ConfigOf<Name extends DriverName> = Extract<SensorConfig, { driver: Name }>
