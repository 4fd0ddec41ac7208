/** Everything that touches a pin, a port or a board's own sensors. Libraries of ports and boards are loaded when one is opened. */
export { type CalibratedSensor, calibrationOf, withCalibration } from './calibration.ts'
export { parseSensorsFile, type SensorsFile } from './config.ts'
export { type Detection, detectSensor } from './detect/index.ts'
export {
  type DriverComponents,
  type DriverName,
  type OpenedSensor,
  openSensor,
  openSensors,
  type SensorConfig,
} from './drivers/index.ts'
export { configLine, type Scan, scanHardware } from './scan/index.ts'
export type { Measurement, Recorded, Sensor, SensorHealth, SensorState } from './sensor.ts'
export type { ChannelCalibration } from './sensor-config.ts'
export { listSerialPorts, type SerialPortInfo } from './serial/list-ports.ts'
export { openNodeSerialPort } from './serial/node-port.ts'
export type { OpenSerialPort, SerialPort, SerialSettings } from './serial-port.ts'
export { readSocTemperatureMilliC, readThrottled, type SocInit, type Throttled } from './soc.ts'
