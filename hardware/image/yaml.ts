/** YAML as people write node descriptions in it, and as cloud-init reads it. */
import { parseDocument, Scalar, stringify } from 'yaml'
import { ConfigError } from '../../protocol/index.ts'

/**
 * The value of a YAML text.
 * @param source - the file it is from, for the sentence
 * @throws {ConfigError} `bad_option` naming the line
 */
export function readYaml(text: string, source: string): unknown {
  const document = parseDocument(text, { prettyErrors: true, maxAliasCount: 0 } as Parameters<typeof parseDocument>[1])
  const fault = document.errors[0]
  if (fault !== undefined) {
    const line = fault.linePos?.[0].line
    const where = line === undefined ? source : `${source}, line ${line}`
    const reason = fault.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? 'it cannot be read'
    throw new ConfigError({ code: 'bad_option', path: source, reason }, `${where} is not YAML: ${reason}.`)
  }
  return document.toJS({ maxAliasCount: 0 })
}

/** YAML that people read: plain where it can be. */
export function ownersYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0 })
}

/**
 * YAML that any parser of any age reads alike: texts in double quotes, ASCII alone. `\xHH` would not do for bytes above
 * 0x7f: it stands for a character, not for a byte, so that a name in UTF-8 written with it comes out as another name.
 */
export function machineYaml(value: unknown): string {
  const text = stringify(value, { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' })
  return text.replaceAll(/[^\0-\x7f]/gu, character => {
    const code = character.codePointAt(0) ?? 0
    return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`
  })
}

/** A key in double quotes, for names that are somebody's text. */
export function quotedKey(text: string): Scalar<string> {
  const key = new Scalar(text)
  key.type = 'QUOTE_DOUBLE'
  return key
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0')
