import { path } from '../router.ts'
import { DisputeList } from './disputes-list.tsx'
import { DisputePage } from './disputes-one.tsx'

/** `#/disputes`: all of them, or with an id one of them. */
export default function DisputesView() {
  const [, id] = path.value
  return id === undefined ? <DisputeList /> : <DisputePage key={id} id={id} />
}
