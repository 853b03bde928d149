/** What comes first in `incidents`. */
export const INCIDENT_ORDERS = ['newest', 'oldest', 'failures', 'actors'] as const

/** One of them. */
export type IncidentOrder = (typeof INCIDENT_ORDERS)[number]
