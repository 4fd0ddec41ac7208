/** What everybody may watch: cells, and changes as they happen. */
export { type Listener, Live, type LiveComponents } from './live.ts'
export { PublicCellBook } from './public-cells.ts'
