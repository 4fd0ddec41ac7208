/** May the process open enough files and connections for its fleet? */
import { type Finding, warning, well } from '../../protocol/index.ts'

export interface DescriptorsPorts {
  /** `/proc/<pid>/limits` of the coordinator, or of this process when none runs; null where there is none. */
  readonly limits: string | null
  /** Devices that are enrolled. */
  readonly devices: number
}

/** A connection each for the broker, and now and then one for blobs. */
const PER_DEVICE = 2
/** Database, blobs, submitters, pages. */
const OWN = 512

export function checkDescriptors({ limits, devices }: DescriptorsPorts): Finding[] {
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits ?? '')?.[1]
  if (soft === undefined || soft === 'unlimited') return []
  const needed = PER_DEVICE * devices + OWN
  const has = Number(soft)
  const says = `The coordinator may open ${has} files and connections, and with a fleet of ${devices} it needs up to ${needed}.`
  if (has >= needed) return [well('descriptors', says)]
  const fix = `With systemd: sudo systemctl edit hedgerow-coordinator, with [Service] and LimitNOFILE=65536. In a shell: ulimit -n 65536, before hedgerow up.`
  return [warning('descriptors', says, fix)]
}
