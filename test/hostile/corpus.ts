/** Every hostile module, by what it attacks. */
import { AMPLIFIERS } from './amplifiers.ts'
import { BACKSTOPS } from './backstops.ts'
import { BOMBS } from './bombs.ts'
import { DEFINITIONS } from './definitions.ts'
import type { Hostile } from './entry.ts'
import { FLOODS } from './floods.ts'
import { FORMAT } from './format.ts'
import { IMPORTS } from './imports.ts'
import { INVALID } from './invalid.ts'
import { LEAKS } from './leaks.ts'
import { LOOPS } from './loops.ts'
import { MEMORY } from './memory.ts'
import { NAMES } from './names.ts'
import { NANS } from './nans.ts'
import { REACHING } from './reaching.ts'
import { REACTORS } from './reactors.ts'
import { RECURSION } from './recursion.ts'
import { TABLES } from './tables.ts'
import { TRAPPING } from './traps.ts'

export const CORPUS: Readonly<Record<string, readonly Hostile[]>> = {
  loops: LOOPS,
  recursion: RECURSION,
  memory: MEMORY,
  tables: TABLES,
  bombs: BOMBS,
  amplifiers: AMPLIFIERS,
  format: FORMAT,
  imports: IMPORTS,
  names: NAMES,
  reaching: REACHING,
  invalid: INVALID,
  definitions: DEFINITIONS,
  floods: FLOODS,
  reactors: REACTORS,
  traps: TRAPPING,
  leaks: LEAKS,
  nans: NANS,
  backstops: BACKSTOPS,
}
