import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { PublicCell } from '../../coordinator/http/live-api.ts'
import { codesOf, flag, isAccepted } from '../../protocol/quality/flags.ts'
import type { Evidence, SensorSummary } from '../../protocol/sensing/api-types.ts'
import { askJson, withQuery } from '../api/client.ts'
import { count } from '../ui/format.ts'
import { codeCounts, codeWords } from './verdict-words.ts'

/** Sensors of a cell that are asked for; others are named by their number alone. */
const SENSORS_MAX = 6

interface SensorFinding {
  readonly sensor: SensorSummary
  readonly readings: number
  readonly accepted: number
  readonly codes: readonly (readonly [words: string, times: number, rejects: boolean])[]
}

/** What the checks found in the newest window, sensor by sensor, for those who may see the evidence. */
export function SensorVerdicts({
  cell,
  sensors,
  isAllowed,
}: {
  cell: PublicCell
  sensors: readonly SensorSummary[]
  isAllowed: boolean
}) {
  const findings = useSignal<readonly SensorFinding[]>([])
  const { campaign, fromMs, quantity } = cell
  const shown = sensors
    .filter(({ channels }) => channels.some(channel => channel.quantity === quantity))
    .slice(0, SENSORS_MAX)
  const ids = shown.map(({ id }) => id).join(' ')
  useEffect(() => {
    findings.value = []
    if (!isAllowed || ids === '') return
    const abort = new AbortController()
    void Promise.all(shown.map(sensor => findingOf(sensor, campaign, fromMs, abort.signal))).then(found => {
      if (!abort.signal.aborted) findings.value = found.filter(finding => finding !== null)
    })
    return () => abort.abort()
  }, [campaign, fromMs, ids, isAllowed])
  if (findings.value.length === 0) return null
  return (
    <div class="verdicts">
      <h3>What the checks found</h3>
      <ul>
        {findings.value.map(({ sensor, readings, accepted, codes }) => (
          <li key={sensor.id}>
            <strong>{sensor.deviceLabel === '' ? sensor.model : sensor.deviceLabel}</strong> {count(accepted)} of{' '}
            {count(readings)} accepted
            {codes.length === 0 ? '.' : ':'}
            {codes.length === 0 ? null : (
              <ul>
                {codes.map(([words, times, rejects]) => (
                  <li key={words} class={rejects ? 'verdict-rejects' : undefined}>
                    {times === readings ? 'each' : count(times)} {words}
                    {rejects ? ' (rejected)' : ''}
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}

/** Null where the sensor has no part in the window, or the evidence may not be seen. */
async function findingOf(
  sensor: SensorSummary,
  campaign: string,
  window: number,
  signal: AbortSignal,
): Promise<SensorFinding | null> {
  try {
    const { flags } = await askJson<Evidence>(withQuery('/api/evidence', { campaign, sensor: sensor.id, window }), {
      signal,
    })
    const codes = codeCounts(flags.map(codesOf)).map(
      ([code, times]) => [codeWords(code), times, !isAccepted(flag(code))] as const,
    )
    return { sensor, readings: flags.length, accepted: flags.filter(isAccepted).length, codes }
  } catch {
    return null
  }
}
