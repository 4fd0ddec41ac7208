/** The embedded MQTT broker behind its guards. */
export { DEVICE_USER_NAME } from './authorize.ts'
export { createBroker } from './broker.ts'
export type { Broker, BrokerComponents, BrokerHooks, BrokerInit, BrokerLog, SubmitterTopic } from './types.ts'
