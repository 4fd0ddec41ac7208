/** How an explanation is shown: the sentence, its reasons, then the numbers behind them. */
import type { Explanation } from '../coordinator/http/admin-api.ts'
import type { Output } from './output.ts'
import { factLines } from './terminal/table.ts'
import { printable } from './terminal/text.ts'

/** Prints an explanation; as JSON, the explanation itself. */
export function showExplanation(out: Output, explanation: Explanation): void {
  out.result(explanation, style => [
    style.bold(printable(explanation.summary)),
    ...explanation.reasons.map(reason => `- ${printable(reason)}`),
    ...(Object.keys(explanation.facts).length === 0 ? [] : ['', ...factLines(explanation.facts, style)]),
  ])
}
