import { backup, dump, load, restore, ship } from 'holdfast/data'

// region: backup
/** A verified copy of the data, while the system runs; it says up to where. */
export async function backedUp(data: string, to: string): Promise<number> {
  const { position } = await backup({ data, to })
  return position
}
// end: backup

// region: restore
/** Data to go on from, as they were at a moment. */
export async function restoredAsOf(time: Date, from: string, to: string): Promise<number> {
  const { position } = await restore({ from, to, time })
  return position
}
// end: restore

// region: ship
/** Ships the log for as long as some work takes, and says what is not on the other disk then. */
export async function whileShipping(data: string, to: string, work: () => Promise<void>): Promise<number> {
  await using shipping = await ship({ data, to, everyMs: 1_000 })
  await work()
  const { lagRecords } = await shipping.catchUp()
  return lagRecords
}
// end: ship

// region: dump
/** Takes a whole system to another machine as one file. */
export async function moved(data: string, file: string, to: string): Promise<number> {
  await dump({ data, file })
  const { position } = await load({ file, to })
  return position
}
// end: dump
