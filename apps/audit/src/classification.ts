// What one classifier of the panel answers: a licence or none, how sure it is, and why.

/** One classifier's opinion on the licence of a package. */
export interface Classification {
  /** An SPDX expression, or null when the classifier found nothing it can name. */
  licence: string | null
  /** From 0 (knows nothing) to 1 (certain), with two decimals. */
  confidence: number
  /** One line that says where the opinion comes from. */
  evidence: string
}

/** An opinion that names a licence. */
export function opinion(licence: string, confidence: number, evidence: string): Classification {
  return { licence, confidence: Math.round(confidence * 100) / 100, evidence }
}

/** The answer of a classifier that found nothing it can name. */
export function noOpinion(evidence: string): Classification {
  return { licence: null, confidence: 0, evidence }
}
