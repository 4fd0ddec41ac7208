import type { Asked } from './messages.ts'

/** Answers the parent's questions, each with its number, until the parent is gone. */
export function answerQuestions<Question, Answer>(answer: (question: Question) => Promise<Answer> | Answer): void {
  process.on('message', async ({ number, question }: Asked<Question>) => {
    process.send?.({ number, answer: await answer(question) })
  })
  process.once('disconnect', () => process.exit())
}
