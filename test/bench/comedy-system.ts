/** Options for comedy that cost it nothing per message: a silent logger and no test for an overloaded loop. */
export const quietComedy = { test: true, loggerConfig: {}, busyLagLimit: 0 }
