/** Simulated sensors on pseudo-terminals, by the name of their model. Each is loaded when it is started. */
import { PLANTOWER_MODELS } from '../sensor-config.ts'
import type { Simulated, SimulatorComponents, SimulatorOptions } from './misbehave.ts'
import type { Pty } from './pty.ts'

export type { Misbehaviour, Simulated, SimulatorComponents, SimulatorOptions } from './misbehave.ts'
export { openPty, type Pty } from './pty.ts'

/** A model that can be simulated. */
export interface SimulatedModel {
  /** What a sensors file says of it besides the port. */
  readonly config: Readonly<Record<string, string>>
  /** Whether it speaks by itself; the others are silent until they are asked. */
  readonly speaks: boolean
  /** Starts it on a port; it ends with the port, or when it is stopped. */
  start(pty: Pty, components: SimulatorComponents, options: SimulatorOptions): Promise<Simulated>
}

const plantower = PLANTOWER_MODELS.map((model): [string, SimulatedModel] => [
  model,
  {
    config: { driver: 'plantower', model },
    speaks: true,
    start: async (pty, parts, options) =>
      (await import('./plantower.ts')).simulatePlantower(pty, parts, { ...options, model }),
  },
])

/** Every model that can be simulated, by its name on the command line. */
export const SIMULATED_MODELS: ReadonlyMap<string, SimulatedModel> = new Map<string, SimulatedModel>([
  [
    'sds011',
    {
      config: { driver: 'sds011' },
      speaks: true,
      start: async (pty, parts, options) => (await import('./sds011.ts')).simulateSds011(pty, parts, options),
    },
  ],
  ...plantower,
  [
    'mhz19',
    {
      config: { driver: 'mhz19' },
      speaks: false,
      start: async (pty, parts, options) => (await import('./mhz19.ts')).simulateMhz19(pty, parts, options),
    },
  ],
  [
    'senseair-s8',
    {
      config: { driver: 'senseair-s8' },
      speaks: false,
      start: async (pty, parts, options) => (await import('./senseair-s8.ts')).simulateS8(pty, parts, options),
    },
  ],
  [
    'sps30',
    {
      config: { driver: 'sps30' },
      speaks: false,
      start: async (pty, parts, options) => (await import('./sps30.ts')).simulateSps30(pty, parts, options),
    },
  ],
  [
    'gps',
    {
      config: { driver: 'gps' },
      speaks: true,
      start: async (pty, parts, options) => (await import('./gps.ts')).simulateGps(pty, parts, options),
    },
  ],
  [
    'sdm120',
    {
      config: { driver: 'modbus', meter: 'sdm120' },
      speaks: false,
      start: async (pty, parts, options) => (await import('./modbus.ts')).simulateModbus(pty, parts, options),
    },
  ],
])
