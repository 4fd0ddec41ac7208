/** Names the payout of a device at the end of an epoch. */
export const payoutPurpose = (epoch: number, device: string): string => `payout/${epoch}/${device}`
