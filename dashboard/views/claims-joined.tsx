import { live } from '../api/live.ts'
import { devices, useLiveList } from '../api/live-list.ts'
import { linkTo } from '../router.ts'
import { Badge } from '../ui/badge.tsx'
import { Card } from '../ui/card.tsx'
import { knownBefore, madeClaims } from './claims-made.ts'
import { isThisMachineOnly } from './claims-text.ts'
import { DEVICE_STATE_WORDS, nameOf, stateOf } from './devices-state.ts'

/** Says so when a claim would send a device to itself. */
export function ReachHint() {
  const url = live.region.value?.mqttUrl ?? ''
  if (!isThisMachineOnly(url)) return null
  return (
    <p class="notice no-print">
      This region listens at <code>{url}</code>, which only programs on the coordinator’s own machine can reach. For
      other machines start it with <code>--host 0.0.0.0 --public-host NAME</code>, where NAME is how they find it.
    </p>
  )
}

/** The devices that joined since claims were made here, as they come. */
export function JoinedNow() {
  const { rows } = useLiveList(devices)
  const before = knownBefore.value
  if (before === null || rows === null || madeClaims.value.length === 0) return null
  const joined = [...rows.values()].filter(({ id }) => !before.has(id))
  return (
    <div class="no-print">
      <Card title="Joined since">
        {joined.length === 0 ? (
          <p class="waiting">Waiting for the first of them. It shows up here by itself.</p>
        ) : (
          <ul class="joined">
            {joined.map(device => {
              const { title, tone } = DEVICE_STATE_WORDS[stateOf(device)]
              return (
                <li key={device.id}>
                  <a href={linkTo('devices', device.id)}>{nameOf(device)}</a>
                  <span class="muted">of {device.owner}</span>
                  <Badge tone={tone}>{title}</Badge>
                </li>
              )
            })}
          </ul>
        )}
      </Card>
    </div>
  )
}
