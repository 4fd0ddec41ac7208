/** I2C parts of a simulated board, as their registers answer. */

/** A part on the bus. */
export interface I2cPart {
  write(bytes: readonly number[]): void
  /** @param register - told just before; null when the part is read from where it stands */
  read(register: number | null, count: number): readonly number[]
}

/** What the converters of a BME280 give, before compensation. */
export interface Bme280Raw {
  /** 20 bits */
  readonly temperature: number
  /** 20 bits */
  readonly pressure: number
  /** 16 bits */
  readonly humidity: number
}

/** Calibration of a BME280: temperature and pressure as in the worked example of Bosch's datasheet BMP280 §3.12, humidity of a real part. */
export const BME280_CALIBRATION = {
  T: [27_504, 26_435, -1_000],
  P: [36_477, -10_685, 3_024, 2_855, 140, -7, 15_500, -14_600, 6_000],
  H: [75, 362, 0, 325, 50, 30],
} as const

/** The worked example's converter values: 25.08 °C and 100 653 Pa; with them a humidity of about half. */
export const BME280_EXAMPLE: Bme280Raw = { temperature: 519_888, pressure: 415_148, humidity: 30_000 }

/** A BME280 in normal mode (register map: datasheet BST-BME280-DS002 §5.3). */
export function bme280Part(raw: () => Bme280Raw = () => BME280_EXAMPLE): I2cPart {
  const memory = new Uint8Array(256)
  const view = new DataView(memory.buffer)
  const { T, P, H } = BME280_CALIBRATION
  for (const [index, value] of [...T, ...P].entries()) view.setUint16(0x88 + index * 2, value & 0xffff, true)
  memory[0xa1] = H[0]
  memory[0xd0] = 0x60
  view.setUint16(0xe1, H[1] & 0xffff, true)
  memory[0xe3] = H[2]
  memory[0xe4] = H[3] >> 4
  memory[0xe5] = (H[3] & 15) | ((H[4] & 15) << 4)
  memory[0xe6] = H[4] >> 4
  memory[0xe7] = H[5]
  return registerPart(memory, () => {
    const { temperature, pressure, humidity } = raw()
    view.setUint32(0xf7, pressure << 12)
    view.setUint32(0xfa, (temperature << 12) >>> 0)
    view.setUint16(0xfd, humidity)
  })
}

/** An MCP9808: sixteenths of a degree in 13 bits, under three bits of alarms (datasheet DS25095A §5.1.3). */
export function mcp9808Part(celsius: () => number): I2cPart {
  return {
    write() {},
    read(_register, count) {
      const bits = 0xc000 | (Math.round(celsius() * 16) & 0x1fff)
      return [bits >> 8, bits & 255].slice(0, count)
    },
  }
}

/** A BH1750: 1.2 counts a lux once it is told to measure. */
export function bh1750Part(lux: () => number): I2cPart {
  let isOn = false
  return {
    write: ([command = 0]) => {
      isOn = command === 0x10
    },
    read(_register, count) {
      const counts = isOn ? Math.round(lux() * 1.2) : 0
      return [counts >> 8, counts & 255].slice(0, count)
    },
  }
}

/** Plain registers with a pointer that moves on by itself. */
function registerPart(memory: Uint8Array, refresh: () => void): I2cPart {
  let pointer = 0
  return {
    write([register = 0, ...values]) {
      pointer = register
      for (const value of values) memory[pointer++ & 255] = value
    },
    read(register, count) {
      refresh()
      if (register !== null) pointer = register
      return Array.from({ length: count }, () => memory[pointer++ & 255] ?? 0)
    },
  }
}
