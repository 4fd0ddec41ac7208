/** A process of this folder, and how it is asked. */
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { Workplace } from '../bench/workplace.ts'
import type { Answered, Listening } from './messages.ts'

export class LoadChild<Question, Answer> {
  readonly pid: number
  readonly stop: () => Promise<void>
  private readonly process: ChildProcess
  private readonly waiting = new Map<number, PromiseWithResolvers<Answer>>()
  private readonly first = Promise.withResolvers<Listening['listening']>()
  private lastNumber = 0

  /** @param script - file of this folder */
  constructor(place: Workplace, script: string, args: readonly string[]) {
    this.process = fork(join(import.meta.dirname, script), args, { execArgv: ['--expose-gc'] })
    const { pid, stop } = place.adopt(this.process)
    this.pid = pid
    this.stop = stop
    this.process.on('message', (message: Answered<Answer> | Listening) => this.receive(message))
    this.process.once('exit', code => this.fail(new Error(`${script} ended with ${code}.`)))
    // Whoever waits is told; nobody has to wait.
    this.first.promise.catch(() => undefined)
  }

  /** Where it listens; only of a server. */
  listening(): Promise<Listening['listening']> {
    return this.first.promise
  }

  ask(question: Question): Promise<Answer> {
    const waiter = Promise.withResolvers<Answer>()
    const number = ++this.lastNumber
    this.waiting.set(number, waiter)
    this.process.send({ number, question })
    return waiter.promise
  }

  private receive(message: Answered<Answer> | Listening): void {
    if ('listening' in message) {
      this.first.resolve(message.listening)
      return
    }
    this.waiting.get(message.number)?.resolve(message.answer)
    this.waiting.delete(message.number)
  }

  private fail(error: Error): void {
    this.first.reject(error)
    for (const { reject } of this.waiting.values()) reject(error)
    this.waiting.clear()
  }
}
