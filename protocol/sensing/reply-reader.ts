import { ProtocolError } from '../errors.ts'

type Fields = Readonly<Record<string, unknown>>

/** Reads the fields of one JSON reply; every method throws {@link ProtocolError} `bad_message` with the form and the field. */
export class ReplyReader {
  private readonly form: string
  /** Where the object is within the reply, such as `summary[2].`; empty for the reply itself. */
  private readonly prefix: string
  private readonly fields: Fields

  constructor(form: string, value: unknown, prefix = '') {
    this.form = form
    this.prefix = prefix
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.bad('', 'must be an object')
    this.fields = value as Fields
  }

  /** The error that names a field of this reply. */
  bad(field: string, reason: string): ProtocolError {
    const path = `${this.prefix}${field}`.replace(/\.$/, '')
    const where = path === '' ? `The ${this.form} reply` : `The field ${path} of the ${this.form} reply`
    return new ProtocolError({ code: 'bad_message', message: this.form, field: path, reason }, `${where} ${reason}.`)
  }

  text(field: string): string {
    const value = this.fields[field]
    if (typeof value !== 'string') throw this.bad(field, 'must be a text')
    return value
  }

  /** The field when it is there, in an object to be spread. */
  optionalText<Name extends string>(field: Name): Partial<Record<Name, string>> {
    const value = this.fields[field]
    return value === undefined || value === null ? {} : ({ [field]: this.text(field) } as Partial<Record<Name, string>>)
  }

  oneOf<const Word extends string>(field: string, words: readonly Word[]): Word {
    const text = this.text(field)
    const word = words.find(candidate => candidate === text)
    if (word === undefined) throw this.bad(field, `must be one of ${words.join(', ')}`)
    return word
  }

  integer(field: string): number {
    const value = this.fields[field]
    if (!Number.isSafeInteger(value)) throw this.bad(field, 'must be a whole number')
    return value as number
  }

  count(field: string): number {
    const value = this.integer(field)
    if (value < 0) throw this.bad(field, 'must be a whole number of zero or more')
    return value
  }

  micro(field: string): string {
    const text = this.text(field)
    if (!/^(?:0|[1-9][0-9]{0,29})$/.test(text)) throw this.bad(field, 'must be a decimal text of micro-credits')
    return text
  }

  /** A plain decimal number as text, so that it stays exact. */
  decimalOrNull(field: string): string | null {
    if (this.fields[field] === null) return null
    const text = this.text(field)
    if (!/^-?[0-9]{1,40}(?:\.[0-9]{1,40})?$/.test(text)) throw this.bad(field, 'must be a decimal text or null')
    return text
  }

  object(field: string): ReplyReader {
    return new ReplyReader(this.form, this.fields[field], `${this.prefix}${field}.`)
  }

  list(field: string, max: number): ReplyReader[] {
    const value = this.fields[field]
    if (!Array.isArray(value)) throw this.bad(field, 'must be a list')
    if (value.length > max) throw this.bad(field, `must hold at most ${max} entries`)
    return value.map((entry, index) => new ReplyReader(this.form, entry, `${this.prefix}${field}[${index}].`))
  }
}
