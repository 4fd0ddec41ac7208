/** What a command is. Adding one: write `commands/<name>.ts` with {@link defineCommand} and list it in `commands/index.ts`. */
import type { ExitCode } from './exit-codes.ts'
import type { Io } from './io.ts'
import type { Output } from './output.ts'

interface OptionBase {
  /** One line for `--help`. */
  readonly describe: string
}

/** `--name`: false unless given. */
export interface FlagOption extends OptionBase {
  readonly type: 'flag'
}

/** `--name VALUE`; undefined when it was not given and has no default. */
export interface TextOption extends OptionBase {
  readonly type: 'text'
  /** What stands for the value in `--help`, such as `NAME`. */
  readonly value: string
  readonly default?: string
}

/** `--name N` with a closed range; undefined when it was not given and has no default. */
export interface IntegerOption extends OptionBase {
  readonly type: 'integer'
  readonly value: string
  readonly min: number
  readonly max: number
  readonly default?: number
}

/** One option of a command. */
export type Option = FlagOption | TextOption | IntegerOption

/** Options by their name without dashes. */
export type Options = Readonly<Record<string, Option>>

type OptionValue<O extends Option> = O extends FlagOption
  ? boolean
  : O extends { default: infer Default }
    ? Default extends number
      ? number
      : string
    : O extends IntegerOption
      ? number | undefined
      : string | undefined

/** Options every command has. */
export const COMMON_OPTIONS = {
  state: { type: 'text', value: 'DIR', describe: "the region's folder; $HEDGEROW_STATE or ./.hedgerow when left out" },
  json: { type: 'flag', describe: 'print JSON on standard output and nothing else there' },
  help: { type: 'flag', describe: 'explain this command' },
} as const satisfies Options

type OptionValues<O extends Options> = { readonly [Name in keyof O]: OptionValue<O[Name]> }

/** One argument without a dash; optional ones come last. */
export interface Positional {
  readonly name: string
  readonly describe: string
  readonly optional?: boolean
}

/** One run of a command: what was typed, and where it runs. */
export interface Invocation<O extends Options = Options> {
  readonly options: OptionValues<O> & OptionValues<typeof COMMON_OPTIONS>
  /** The positional arguments; those that were not given are empty. */
  readonly args: readonly string[]
  readonly io: Io
  readonly out: Output
}

/** A command and everything its help says. */
export interface Command<O extends Options = Options> {
  /** The words after `hedgerow`, such as `job submit`. */
  readonly name: string
  /** One line for `hedgerow help`. */
  readonly summary: string
  /** More for the command's own help. */
  readonly details?: string
  readonly positionals?: readonly Positional[]
  readonly options?: O
  /** Whole command lines, each with what it does. */
  readonly examples: readonly { readonly line: string; readonly does: string }[]
  run(invocation: Invocation<O>): Promise<ExitCode>
}

/** Checks the options' types against their use; commands are loaded only to be described, so heavy imports go inside `run`. */
export function defineCommand<const O extends Options>(command: Command<O>): Command {
  return command as unknown as Command
}
