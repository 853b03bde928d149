/** What `ps` can be sorted by. */
export const PS_ORDERS = ['tree', 'mailbox', 'turns', 'restarts'] as const

/** One of them. */
export type PsOrder = (typeof PS_ORDERS)[number]
