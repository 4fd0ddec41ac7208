/** Version of the rules that verdicts are made by; any change to a rule or a constant of protocol/spec/quality.md is a new one. */
export const QUALITY_VERSION = 1

/** How far before a window readings are looked at: the longest that a check needs, the flat line of a wind vane. */
export const HISTORY_MS = 86_400_000
