/** Loaded before everything else of a worker: puts the mistake named by HEDGEROW_BUG into its file as that is read. */
import { registerHooks } from 'node:module'
import { BUGS } from './bugs.ts'

const bug = BUGS.find(({ id }) => id === process.env.HEDGEROW_BUG)
if (bug === undefined) throw new Error(`There is no planted bug ${process.env.HEDGEROW_BUG}.`)
const url = new URL(`../../../${bug.file}`, import.meta.url).href

registerHooks({
  load(asked, context, nextLoad) {
    const loaded = nextLoad(asked, context)
    if (asked !== url || loaded.source === undefined || loaded.source === null) return loaded
    const source =
      typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString()
    return { ...loaded, source: source.replace(bug.find, () => bug.replace) }
  },
})
