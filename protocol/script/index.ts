/** JavaScript tasks: from a script to a module that any device runs. */

export { composeScript } from './compose.ts'
