/** What a running coordinator says of itself. */
import { broken, type Finding, well } from '../../protocol/index.ts'
import type { Ready } from '../http/health-api.ts'

const FIXES: Readonly<Record<Ready['checks'][number]['name'], string>> = {
  store:
    'Look at the disk below, and at the log of the coordinator: journalctl -u hedgerow-coordinator -n 50. A restart goes on from what was committed.',
  commits: 'Restart the coordinator: it goes on from what was committed.',
  broker: 'Restart the coordinator. If it stays so, another program may have the port: sudo ss -ltnp.',
  checkpoint:
    'See whether log-head.json can be written to, and whether the disk is full; then restart the coordinator.',
  disk: 'Make room on the disk: sudo apt-get clean; sudo journalctl --vacuum-size=100M. Or move the folder to a larger one.',
}

export function checkReady({ checks }: Ready): Finding[] {
  const bad = checks.filter(({ ok }) => !ok)
  if (bad.length === 0) return [well('coordinator', 'The coordinator runs and does its work.')]
  return bad.map(({ name, says }) => broken('coordinator', says, FIXES[name]))
}
