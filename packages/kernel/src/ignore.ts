/**
 * What a start hook returns to say that there is nothing to do for this actor: it ends at once with the reason `ignored`,
 * without a stop hook, and its supervisor goes on as if it had started. A child that the spec names keeps its place and
 * may be started by hand; any other is forgotten (OTP's `ignore`).
 *
 * @example
 * actor({ name: 'beacon', onStart: () => (process.env['BEACON'] === undefined ? ignore : undefined), on: {} })
 */
export const ignore: unique symbol = Symbol.for('holdfast.ignore')
