import { AssertionError, ProtocolError } from '../../protocol/index.ts'

/**
 * The reason under which bytes that could not be read are counted: the failure's code and, for a message, the kind of field
 * at fault without its indexes, such as `bad_message:result.results.digest`. A decoder that fails in any way
 * of its own must not let a stranger stop the region, so that is counted as `unreadable`.
 * @throws {AssertionError} the one that was thrown: a broken invariant of ours stops the process
 */
export function refusalOf(thrown: unknown): string {
  if (thrown instanceof AssertionError) throw thrown
  if (!(thrown instanceof ProtocolError)) return 'unreadable'
  const { info } = thrown
  if (info.code !== 'bad_message') return info.code
  return `bad_message:${info.message}.${info.field.replaceAll(/\[\d+\]/g, '')}`
}
