/** Is this a Node that is looked after? */
import { type Finding, warning, well } from '../../../protocol/index.ts'

/** @param version - such as `24.21.0`; older than 24 never gets here, as the command ends before */
export function checkNode(version: string): Finding[] {
  const major = Number.parseInt(version, 10)
  if (major % 2 === 0) return [well('node', `Node is ${version}.`)]
  const says = `Node is ${version}, of a line that is looked after for half a year only.`
  return [
    warning('node', says, `Install the newest with an even number, such as ${major + 1}, from https://nodejs.org.`),
  ]
}
