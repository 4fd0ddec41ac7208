import { useSignal } from '@preact/signals'
import { Notice } from '../ui/notice.tsx'
import { Page } from '../ui/page.tsx'
import { Owners } from './people-owners.tsx'
import { Submitters } from './people-submitters.tsx'
import { NewTokens } from './people-tokens.tsx'

/** `#/people`: who pays and who owns, with their tokens. Only the operator's. */
export default function PeopleView() {
  const said = useSignal('')
  const say = (text: string) => {
    said.value = text
  }
  return (
    <Page title="People" lead="Who pays for work here, and who may look after devices. Each has a token of their own.">
      {said.value === '' ? null : <Notice kind="good">{said.value}</Notice>}
      <NewTokens />
      <Submitters say={say} />
      <Owners say={say} />
    </Page>
  )
}
