/** How a Raspberry Pi is told of sensors on its pins: lines of `/boot/firmware/config.txt`, read at each start. */

/** A line and what it is for. */
export interface Overlay {
  readonly line: string
  readonly sensor: string
}

/** Switches the I2C bus on (GPIO 2 and 3, pins 3 and 5). */
export const I2C_ON = 'dtparam=i2c_arm=on'
/** Switches the 1-wire bus on (GPIO 4, pin 7). */
export const W1_ON = 'dtoverlay=w1-gpio'
/** Gives the serial port on GPIO 14 and 15 (pins 8 and 10) a steady clock; the login console is turned off with raspi-config. */
export const UART_ON = 'enable_uart=1'

/**
 * Sensors that the Raspberry Pi's kernel has a driver and an overlay for, with their usual addresses.
 * @see raspberrypi/linux arch/arm/boot/dts/overlays/README, i2c-sensor and dht11
 */
export const OVERLAYS: readonly Overlay[] = [
  { line: 'dtoverlay=i2c-sensor,bme280,addr=0x76', sensor: 'BME280: temperature, humidity, pressure' },
  { line: 'dtoverlay=i2c-sensor,bmp280,addr=0x76', sensor: 'BMP280: temperature, pressure' },
  { line: 'dtoverlay=i2c-sensor,bme680,addr=0x76', sensor: 'BME680: temperature, humidity, pressure' },
  { line: 'dtoverlay=i2c-sensor,sht3x,addr=0x44', sensor: 'SHT30, SHT31, SHT35: temperature, humidity' },
  { line: 'dtoverlay=i2c-sensor,sht4x', sensor: 'SHT40, SHT41, SHT45: temperature, humidity' },
  { line: 'dtoverlay=i2c-sensor,aht10', sensor: 'AHT10, AHT20: temperature, humidity' },
  { line: 'dtoverlay=i2c-sensor,htu21', sensor: 'HTU21D: temperature, humidity' },
  { line: 'dtoverlay=i2c-sensor,si7020', sensor: 'Si7020, Si7021: temperature, humidity' },
  { line: 'dtoverlay=i2c-sensor,bh1750', sensor: 'BH1750: light' },
  { line: 'dtoverlay=i2c-sensor,sps30', sensor: 'SPS30 on I2C: particles' },
  { line: 'dtoverlay=dht11,gpiopin=4', sensor: 'DHT11, DHT22: temperature, humidity' },
]
