/** Puts the checks of a coordinator together, on the real machine. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CoordinatorState } from '../coordinator/doctor/index.ts'
import type { Ready } from '../coordinator/http/health-api.ts'
import { broken, type Finding, messageOf } from '../protocol/index.ts'
import { createAdminClient } from './admin-client.ts'
import { certificateEnds, folderFindings, getText, touch } from './doctor-host.ts'
import type { Io } from './io.ts'
import { type AdminFile, coordinatorFolder, readAdminFile } from './state.ts'
import { trustFor } from './trust.ts'

const SECRETS = [
  'region.key',
  'witness.key',
  'payout.key',
  'ledger.sqlite',
  'admin.json',
  'metrics.token',
  'tls/authority.key',
  'tls/server.pem',
]
const OTHERS = ['log-head.json', 'blobs']
const UNIT = 'hedgerow-coordinator'

/** Everything about the coordinator of a region's folder. */
export async function doctorCoordinator(io: Io, stateDir: string): Promise<Finding[]> {
  const doctor = await import('../coordinator/doctor/index.ts')
  const { openHeadGuard } = await import('../coordinator/settlement/head-guard.ts')
  const folder = coordinatorFolder(stateDir)
  const state = doctor.readCoordinatorState(folder)
  const admin = state.kind === 'in_use' ? readAdminFile(stateDir) : null
  const inFolder = (names: readonly string[]) => names.map(name => join(folder, name))
  const files = { folder, secrets: inFolder(SECRETS), others: inFolder(OTHERS), unit: UNIT }
  return [
    ...(await folderFindings(io, files)),
    ...doctor.checkLedger({ folder, state, readHead: () => openHeadGuard(join(folder, 'log-head.json')).read() }),
    ...(admin === null
      ? await doctor.checkAddresses({ running: null, wanted: wantedPorts(state), connect: touch })
      : await runningFindings(io, admin, folder)),
  ]
}

function wantedPorts(state: CoordinatorState): { name: string; port: number }[] {
  if (state.kind !== 'read') return []
  const ports = [
    { name: 'the broker', port: state.mqttPort },
    { name: 'the broker with TLS', port: state.mqttsPort },
    { name: 'HTTP', port: state.httpPort },
  ]
  return ports.flatMap(({ name, port }) => (port === null ? [] : [{ name, port }]))
}

/** What only a coordinator that runs can say. */
async function runningFindings(io: Io, { httpUrl, adminToken, caPem }: AdminFile, folder: string): Promise<Finding[]> {
  const { checkAddresses, checkCertificate, checkDescriptors, checkReady, checkWitnesses } = await import(
    '../coordinator/doctor/index.ts'
  )
  trustFor(httpUrl, caPem)
  try {
    const client = createAdminClient(httpUrl, adminToken)
    const ready = JSON.parse((await getText(`${httpUrl}/ready`)).text) as Ready
    const devices = (await client.deviceList()).length
    return [
      ...checkReady(ready),
      // The file has this machine's own way to it; devices are told these.
      ...(await checkAddresses({ running: await client.region(), wanted: [], connect: touch })),
      ...checkCertificate({ endsMs: await certificateEnds(httpUrl), isOwn: caPem !== null, wallMs: io.clock.wallMs() }),
      ...checkDescriptors({ limits: limitsOf(folder), devices }),
      ...checkWitnesses({ witnesses: await client.witnessList(), wallMs: io.clock.wallMs() }),
    ]
  } catch (error) {
    const says = `The coordinator has its database open and does not answer at ${httpUrl}: ${messageOf(error)}`
    return [broken('coordinator', says, `Read why with: journalctl -u ${UNIT} -n 50. Then restart it.`)]
  }
}

function limitsOf(folder: string): string | null {
  try {
    const { pid } = JSON.parse(readFileSync(join(folder, 'admin.json'), 'utf8')) as { pid: unknown }
    return readFileSync(`/proc/${Number(pid)}/limits`, 'latin1')
  } catch {
    return null
  }
}
