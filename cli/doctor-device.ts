/** Puts the checks of a device together, on the real machine. */
import { join } from 'node:path'
import type { Finding } from '../protocol/index.ts'
import { httpUrlOf } from './device-earnings.ts'
import { ownerFile } from './device-folder.ts'
import { folderFindings, getText, isAlive, ROOT } from './doctor-host.ts'
import type { Io } from './io.ts'
import { sandboxPath } from './sandbox-path.ts'
import { trustAsDevice } from './trust.ts'

/** What was found of a device, and where its region answers HTTP; null before it has joined. */
export interface DeviceFindings {
  readonly findings: readonly Finding[]
  readonly httpUrl: string | null
}

/** Everything about the device whose folder this is. */
export async function doctorDevice(io: Io, stateDir: string): Promise<DeviceFindings> {
  const doctor = await import('../device/doctor/index.ts')
  const { devicePid } = await import('../device/pid-file.ts')
  const { findKernelTools } = await import('../device/work/find-kernel-tools.ts')
  const { createRunner } = await import('../device/work/index.ts')
  const { clock } = io
  const state = doctor.readDeviceState(stateDir)
  const enrolment = state.kind === 'read' ? state.enrolment : null
  if (enrolment !== null) trustAsDevice(stateDir, enrolment.blobUrl)
  const files = {
    folder: stateDir,
    secrets: [join(stateDir, 'device.key')],
    others: [join(stateDir, 'device.db')],
    unit: 'hedgerow-device',
  }
  const createSandbox = async () => createRunner({ clock }, { sandboxPath: sandboxPath(io.entry) })
  const findings = [
    ...(await folderFindings(io, files)),
    ...doctor.checkMemory({ root: ROOT, hasKernelTools: findKernelTools() !== null }),
    ...(await doctor.checkSandbox({ createRunner: createSandbox, monotonicMs: () => clock.monotonicMs() })),
    ...doctor.checkState({ stateDir, state, pid: devicePid(stateDir), isAlive }),
    ...(await sensorFindings(io, stateDir, state.kind === 'read' && state.inUse)),
    ...(enrolment === null
      ? []
      : [
          ...(await doctor.checkBroker({ ...enrolment, wallMs: clock.wallMs() })),
          ...(await doctor.checkBlobs({ ...enrolment, get: getText })),
        ]),
  ]
  return { findings, httpUrl: enrolment === null ? null : httpUrlOf(enrolment) }
}

/** A list that cannot be read is told as any failure of the command is: with file, line and field. */
async function sensorFindings(io: Io, stateDir: string, deviceRuns: boolean): Promise<Finding[]> {
  const { checkSensors } = await import('../device/doctor/index.ts')
  const path = ownerFile(io, stateDir, 'sensors.yaml', undefined)
  const { broken, ConfigError } = await import('../protocol/index.ts')
  if (path === null) return []
  try {
    const { sensors } = await (await import('./sensors-file.ts')).readSensorsFile(path)
    const { openHere } = await import('../device/sampling/open-here.ts')
    return await checkSensors({ clock: io.clock, sensors, deviceRuns, open: config => openHere(config, io.clock) })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return [broken('sensors', error.message, `Correct the file: nano ${path}. docs/sensors.md has every field.`)]
  }
}
