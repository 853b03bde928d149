import { machineAuthorities } from '@holdfast/kernel'
import { openJournal } from '@holdfast/journal'

// region: read
/** What failed in a data directory, oldest first. It works beside the process that writes it. */
export async function failures(data: string): Promise<string[]> {
  const journal = openJournal({ dir: data, readOnly: true, authorities: machineAuthorities() })
  try {
    const lines: string[] = []
    for (const record of journal.read(1)) {
      if (record.kind !== 'failed') continue
      const { name, message } = record.data().error
      lines.push(`${journal.correlationName(record.correlation)}: ${name}, ${message}`)
    }
    return lines
  } finally {
    await journal.close()
  }
}
// end: read
