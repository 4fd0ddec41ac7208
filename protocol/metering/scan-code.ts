import { describeFunction, functionNames } from './function-names.ts'
import { type ModuleParts, typeCounts } from './module-parts.ts'
import { MODULE_LIMITS } from './profile.ts'
import { ModuleReader } from './reader.ts'
import { type BodyScan, type CodeContext, scanBody } from './scan-body.ts'

/** What there is to know of a module's code before it is rewritten. */
export interface CodeScan {
  readonly context: CodeContext
  /** By the function's place among those with a body. */
  readonly bodies: readonly BodyScan[]
  /** Functions that something besides a direct call refers to, so that they may be called indirectly. */
  readonly referenced: ReadonlySet<number>
}

/**
 * Scans every body of a module.
 * @throws {TaskError} `bad_module`, naming the function
 */
export function scanCode(bytes: Uint8Array, parts: ModuleParts): CodeScan {
  const context: CodeContext = {
    types: parts.types.map(typeCounts),
    functionTypes: parts.functionTypes,
    imports: parts.imports.length,
    globals: parts.globals,
    tables: parts.tables.length,
    dataSegments: parts.dataSegments,
    elementSegments: parts.elementSegments,
  }
  const referenced = new Set(parts.references.map(({ index }) => index))
  let growths = 0
  const bodies = parts.bodies.map(({ start, end }, place) => {
    const index = context.imports + place
    const where = () => `code section, ${describeFunction(index, functionNames(bytes))}`
    const reader = new ModuleReader(bytes, where, start, end)
    const scan = scanBody(reader, context, index, referenced)
    growths += scan.growths
    if (growths > MODULE_LIMITS.growthsMax) {
      const reason = `up to here more than ${MODULE_LIMITS.growthsMax} instructions grow a memory or table`
      throw reader.refuse(reason, 'Grow them in one function that the others call.', start)
    }
    return scan
  })
  return { context, bodies, referenced }
}
