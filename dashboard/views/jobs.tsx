import { path } from '../router.ts'
import { JobList } from './jobs-list.tsx'
import { JobPage } from './jobs-one.tsx'

/** `#/jobs`: all of them, or with an id one of them. */
export default function JobsView() {
  const [, id] = path.value
  return id === undefined ? <JobList /> : <JobPage key={id} id={id} />
}
