/** How long is waited for what: some times what emulation on two idle processors takes, since such a machine is seldom idle. */
export const FIRST_START_TIMEOUT_MS = 2_400_000
/** npm resolves and unpacks what the package needs. */
export const REGISTRY_TIMEOUT_MS = 5_400_000
export const COME_BACK_TIMEOUT_MS = 1_500_000
export const FINISH_TIMEOUT_MS = 1_200_000
/** The first start tells what is wrong after it has tried for three minutes. */
export const SAY_TIMEOUT_MS = 1_800_000
export const NOTICE_TIMEOUT_MS = 600_000
