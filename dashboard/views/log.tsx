import { useEffect } from 'preact/hooks'
import type { Witness } from '../../coordinator/http/witness-api.ts'
import { useResource } from '../api/resource.ts'
import { role } from '../api/session.ts'
import { Notice } from '../ui/notice.tsx'
import { Page } from '../ui/page.tsx'
import { atCheckpoints, checked, checkNow, checkProblem, knowWitnesses } from '../verify/state.ts'
import { Alarm } from './log-alarm.tsx'
import { LogEntries } from './log-entries.tsx'
import { LogReplay } from './log-replay.tsx'
import { LogVerified } from './log-verified.tsx'

/** `#/log`: `?entry=` opens one entry. */
export default function LogView() {
  const witnesses = useResource<Witness[]>(role.value === 'operator' ? '/api/witnesses' : null).value
  useEffect(() => {
    knowWitnesses((witnesses ?? []).map(({ witnessKey }) => witnessKey))
    return atCheckpoints(checkNow)
  }, [witnesses])
  const found = checked.value
  return (
    <Page
      title="Public log"
      lead="Everything this region says about money, for ever. Your browser checks it here, with its own copy of the rules, and not by asking the region."
    >
      {checkProblem.value === null ? null : <Notice kind="problem">{checkProblem.value}</Notice>}
      {found === null ? (
        checkProblem.value === null ? (
          <p aria-busy="true">Checking the newest checkpoint …</p>
        ) : null
      ) : (
        <>
          <Alarm checked={found} />
          <LogVerified checked={found} />
          <LogReplay />
          <LogEntries size={found.size} />
        </>
      )}
    </Page>
  )
}
