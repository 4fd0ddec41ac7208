/**
 * Every bound of the protocol, each with its reason. `docs/limits.md` explains them to operators.
 * Bytes are octets, times milliseconds.
 */
import { assert } from './errors.ts'

export const LIMITS = {
  /** One signed frame. Keeps a verify plus decode under a few milliseconds and fits every common broker's default. */
  frameBytesMax: 65_536,
  /** A whole MQTT packet: a frame, its topic and the fixed header. The frame guard drops the connection above it. */
  mqttPacketBytesMax: 73_728,
  /** Before CONNECT a stranger may make us hold only this much. */
  connectPacketBytesMax: 2_048,
  /** The signed CONNECT password is about 130 bytes. */
  connectFrameBytesMax: 512,
  /** JSON on the submit topic. Larger inputs are blobs. */
  submitBytesMax: 65_536,
  /** Deepest message is 6; two spare. Bounds recursion before any decoder runs. */
  cborDepthMax: 8,
  /** The outputs of the longest lease: their array, and at most four items a unit. */
  cborItemsMax: 262_145,
  /** Inputs, modules and results up to here travel inside messages; above by SHA-256 over HTTP. */
  inlineBytesMax: 16_384,
  /** Outputs of one lease up to here stay in the result frame; above they are put up as a blob first. */
  resultOutputsInlineBytesMax: 49_152,
  /** Many small results share one signature. */
  resultsPerFrameMax: 256,
  /** Grants are about 100 bytes without their input, so more would not fit a frame. */
  grantsPerFrameMax: 256,
  /** Keeps an acknowledgement well below a frame. */
  ackSeqsMax: 256,
  /** State is per lease, so this bounds only the split's index (8 bytes a unit at most). */
  unitsPerJobMax: 10_000_000,
  /** Bounds what one device can lose at once, and the items of one outputs array. */
  unitsPerLeaseMax: 65_536,
  /** One unit's answer. A unit that makes more is a deterministic trap. */
  unitOutputBytesMax: 1_048_576,
  /** What the coordinator is willing to hold in memory of one lease. */
  leaseOutputBytesMax: 16_777_216,
  /** A Pi fetches parts of it, but the coordinator keeps it whole. */
  blobBytesMax: 1_073_741_824,
  /** Compile bombs: V8's baseline compiler takes about 25 ns a byte. */
  moduleBytesMax: 8_388_608,
  /** Compiling a script of this size takes a coordinator about a quarter of a second. */
  scriptBytesMax: 1_048_576,
  /** Arguments travel with every lease message. */
  taskArgsMax: 32,
  /** With 32 arguments a task still fits a frame beside an inline input. */
  taskArgBytesMax: 1_024,
  /** A Pi with 1 GiB runs one sandbox of this size beside the system. */
  memoryMiBMax: 512,
  /** Ten minutes: a longer unit should be split. */
  unitTimeoutMsMax: 600_000,
  /** A hundred gigafuel, some minutes of a Raspberry Pi: a longer unit should be split. The fuel of a whole lease stays below 2^53. */
  unitFuelMax: 100_000_000_000,
  /** A million credits; with it the fuel of a whole lease costs no more than the largest amount. */
  gigafuelPriceMicroMax: 1_000_000_000_000n,
  /** Versions are counted from 1 and change rarely. One byte on the wire holds 23 of them, two hold all. */
  meteringVersionMax: 255,
  /** Sets of metering rules that one device can run. A device needs the current one, and during a change the one before it. */
  meteringVersionsMax: 8,
  /** One combination of a grid, as the JSON text the unit reads. */
  gridCombinationBytesMax: 4_096,
  /** Items come inside the job file; more of them are a blob. */
  itemsMax: 1_000_000,
  /** Parameters of a grid. Their values are bounded by the units they make. */
  gridParametersMax: 32,
  /** A record's end is searched byte by byte on both sides; longer ends are a format, which the task should read itself. */
  delimiterBytesMax: 64,
  /** A device holds a unit's input in memory beside its sandbox. */
  unitInputBytesMax: 67_108_864,
  /** Distinct keys of a merge-map. The coordinator holds them all until the job ends: about 300 MB at both bounds. */
  mergeMapKeysMax: 1_000_000,
  /** One key of a merge-map: a word, an address, a path; not a document. */
  mergeMapKeyBytesMax: 256,
  /** One count of a merge-map: 64-bit and 256-bit integers fit; the sums may grow beyond. */
  mergeMapDigitsMax: 100,
  /** Counters of a histogram, 8 bytes each, and its answer stays a readable JSON text. */
  histogramBinsMax: 65_536,
  /** One number in a unit's output. Reading 10 000 digits takes about 0.2 ms, and the time grows faster than the digits. */
  numberDigitsMax: 10_000,
  /** Exponent of a number, either sign: three times what a double can hold, yet six characters cannot make a huge sum. */
  numberExponentMax: 1_000,
  /** Lowest and highest certainty a submitter may ask: a coin's, and one wrong in a million (7 replicas of new devices). */
  thetaMin: 0.5,
  /** Beyond this, more replicas would be asked for than most regions have owners. */
  thetaMax: 0.999_999,
  /** Ten steps are enough to say what goes first. */
  priorityMax: 9,
  /** Thirty days, as for claims; a job that may take longer needs no deadline. */
  deadlineMsMax: 30 * 24 * 3_600_000,
  /** Largest amount SQLite's signed 64-bit integer keeps. */
  amountMicroMax: 9_223_372_036_854_775_807n,
  /** Names are shown in tables. */
  nameLengthMax: 64,
  /** Labels are shown in tables. */
  labelBytesMax: 64,
  /** A reason or detail shown to people. */
  reasonBytesMax: 256,
  /** Address of a broker or of a blob store: a host name takes at most 253 bytes. */
  urlBytesMax: 512,
  /** Thirty days: long enough to post a card, short enough that a lost code stops mattering. */
  claimLifetimeMsMax: 30 * 24 * 3_600_000,
  /** Buffered work beyond this only makes results late. */
  creditLeasesMax: 256,
  /** More processors than any board has. */
  slotsMax: 64,
  /** Sensors of one device: more than a board has ports and buses for. */
  sensorsMax: 64,
  /** Quantities that one sensor measures; a laser counter gives about a dozen. */
  sensorChannelsMax: 32,
  /** Serial number of a sensor: a device's id and a port as udev names it, where the hardware has none. */
  sensorTextBytesMax: 128,
  /** Columns of one frame share a signature; a statistics profile has four columns for each of them. */
  profileChannelsMax: 32,
  /** Readings a column of one frame: an hour of one a second. */
  frameReadingsMax: 4_096,
  /** A scaled value: 2^47, so that differences stay exact in a double and shift without overflow. */
  readingValueMax: 140_737_488_355_328,
  /** The last moment that ECMAScript can write as a date (ECMA-262 §21.4.1.1). */
  regionTimeMsMax: 8_640_000_000_000_000,
  /** Stretches of missing values, and gaps, that one frame tells of. */
  frameNotesMax: 256,
  /** Schedules a device keeps at once. */
  streamsMax: 64,
  /** Readings a day apart are the rarest that a campaign may ask for. */
  periodMsMax: 86_400_000,
  /** Formula of a calibrated channel. */
  formulaBytesMax: 128,
  /** A bundle of the public log gives an entry's length in two bytes (C2SP tlog-tiles). */
  logEntryBytesMax: 65_535,
  /** Longest account: `submitter:` and a name of 32 characters, or `payout:` and an address. */
  accountBytesMax: 64,
  /** What a transfer pays for, by ids and numbers: the longest is about 120 characters. */
  purposeBytesMax: 256,
  /** Balances of one opening entry; with 512 of them it stays below the bound of an entry. */
  openingBalancesMax: 512,
  /** Sensors in one verdict entry, about 80 bytes each; more of them are in the next entry. */
  verdictLinesMax: 512,
  /** Quantities with a price of their own, far more than sensors measure. */
  pricesMax: 256,
  /** A signed statement of a device: its longest text is a reason. */
  statementBytesMax: 1_024,
  /** A receipt's entry is about 80 bytes. */
  receiptEntryBytesMax: 256,
  /** The proof of a receipt: a signature, and one hash for each of 53 levels at most. */
  receiptProofBytesMax: 2_048,
  /** A checkpoint with the cosignatures of 64 witnesses is about 10 KB. */
  noteBytesMax: 16_384,
  /** C2SP asks for 16 at least. */
  noteSignaturesMax: 64,
  /** Names of logs and of witnesses; ours have 43 characters. */
  noteNameBytesMax: 128,
  /** AWS IoT's bounds, so that topics fit any broker. */
  topicBytesMax: 256,
  /** AWS IoT's bound is 8; ours need 7. */
  topicLevelsMax: 8,
  /** Packets a connection may send in a second; all connections of a submitter together. A fast device returns some thousand results in a second. */
  packetsPerSecondMax: 8_000,
  /** And at once, after a quiet time: two seconds of it. What is beyond stays unread until its time, and nothing is lost. */
  packetsBurstMax: 16_000,
  /** A packet counts once more for each of these bytes, so that 32 MB in a second are the most. */
  packetCountedBytes: 4_096,
  /** Connections a second from one address: half of what it may hold by default. */
  connectsPerAddressPerSecondMax: 500,
  /** And at once: a whole fleet behind one address comes back after a restart. */
  connectsPerAddressBurstMax: 20_000,
  /** Joins, hellos, statuses, sensors and profiles of a device. Heartbeats are a second apart at least. */
  controlFramesPerSecondMax: 10,
  /** A device with 64 sensors tells a profile for each of its schedules at once. */
  controlFramesBurstMax: 256,
  /** Reading frames of a device: 64 schedules that each send a frame every three seconds. */
  readingFramesPerSecondMax: 20,
  /** A month of a device that was offline and packed an hour of a schedule into a frame, for five schedules. */
  readingFramesBurstMax: 4_000,
  /** What a device may cost for nothing before it is shut out: 100 unreadable frames, 2 000 late ones or 40 connections at once. */
  conductPointsMax: 2_000,
  /** Points that come back: 10 unreadable frames, 200 late ones or 4 connections a second. */
  conductPointsPerSecond: 200,
  /** A connection of a device that never joined; an honest one asks to join at once. */
  strangerMsMax: 30_000,
  /** Jobs a submitter may hand in a second. Admitting one takes a millisecond or more, and others want theirs admitted too. */
  submissionsPerSecondMax: 100,
  /** And at once. */
  submissionsBurstMax: 400,
  /** Other requests of a submitter in a second, such as `get` and `cancel`. */
  requestsPerSecondMax: 200,
  /** And at once: a program that follows some hundred jobs asks for all of them after a restart. */
  requestsBurstMax: 1_000,
  /** Jobs of one submitter that run at a time; each has its place in every round of scheduling. */
  jobsRunningPerSubmitterMax: 256,
  /** Work that a submitter may have devices throw away by cancelling, in time of the whole region: two minutes at once. */
  cancelledWorkMsMax: 120_000,
  /** And a tenth of the region's time ever after. */
  cancelledWorkMsPerSecond: 100,
} as const

assert(LIMITS.frameBytesMax < LIMITS.mqttPacketBytesMax, 'a frame fits a packet')
assert(LIMITS.submitBytesMax < LIMITS.mqttPacketBytesMax, 'a submission fits a packet')
assert(LIMITS.connectFrameBytesMax < LIMITS.connectPacketBytesMax, 'a CONNECT frame fits the first packet')
assert(LIMITS.resultOutputsInlineBytesMax + 16_384 <= LIMITS.frameBytesMax, 'inline outputs leave room for their frame')
assert(LIMITS.inlineBytesMax < LIMITS.resultOutputsInlineBytesMax, 'an inline input or result fits where outputs fit')
assert(LIMITS.unitsPerLeaseMax * 4 + 1 <= LIMITS.cborItemsMax, 'the outputs of the longest lease pass the item bound')
assert(
  LIMITS.unitsPerLeaseMax * LIMITS.unitFuelMax <= Number.MAX_SAFE_INTEGER,
  'the fuel of the longest lease is an exact number',
)
assert(
  BigInt(LIMITS.unitsPerLeaseMax * LIMITS.unitFuelMax) * LIMITS.gigafuelPriceMicroMax <=
    LIMITS.amountMicroMax * 10n ** 9n,
  'the dearest lease has a price',
)
assert(LIMITS.meteringVersionsMax <= LIMITS.meteringVersionMax, 'a device can name as many versions as it may')
assert(LIMITS.logEntryBytesMax <= LIMITS.frameBytesMax, 'whatever reads messages reads entries')
assert(LIMITS.verdictLinesMax * 96 <= LIMITS.logEntryBytesMax, 'the longest verdict fits an entry')
assert(
  LIMITS.openingBalancesMax * (LIMITS.accountBytesMax + 24) <= LIMITS.logEntryBytesMax,
  'the longest opening fits an entry',
)
assert(
  LIMITS.receiptEntryBytesMax + LIMITS.receiptProofBytesMax + 32 <= LIMITS.frameBytesMax,
  'a receipt and its proof fit a frame',
)
assert(LIMITS.unitOutputBytesMax <= LIMITS.leaseOutputBytesMax, 'one unit fits its lease')
assert(LIMITS.blobBytesMax < 2 ** 32, 'an offset in a blob fits 32 bits')
assert(LIMITS.unitInputBytesMax <= LIMITS.blobBytesMax, 'one unit may be a whole small blob')
assert(LIMITS.gridCombinationBytesMax < LIMITS.inlineBytesMax, 'a combination of a grid fits an inline input')
