/** The owner's list of sensors, a YAML or JSON file beside the device, checked before the device starts. */
import { dirname, resolve } from 'node:path'
import { parseSensorsFile, type SensorsFile } from '../hardware/config.ts'
import { readYamlFile, type YamlFileKind } from './yaml-file/yaml-file.ts'

/** 64 sensors with all their options are a small part of the bound. */
const SENSORS_FILE: YamlFileKind = {
  what: 'sensors',
  code: 'bad_option',
  bytesMax: 1_048_576,
  tooLarge: 'at most 1048576 are read',
}

/**
 * Reads and checks a sensors file. Relative paths in it start at its folder.
 * @throws {ConfigError} `bad_option` naming file, line and field; `not_found`
 */
export async function readSensorsFile(path: string): Promise<SensorsFile> {
  return readYamlFile(path, SENSORS_FILE, value => parseSensorsFile(value, dirname(resolve(path))))
}
