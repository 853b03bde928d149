/** A builtin module as its importers see it: loaded when it is asked for, and its properties can be replaced. */
export function builtin(name: string): Record<string, unknown> {
  return process.getBuiltinModule(name) as unknown as Record<string, unknown>
}
