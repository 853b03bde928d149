export { openWatchdog } from './open-watchdog.js'
export { forgetStallEnd, lastStallEnd } from './stall-file.js'
export { checkWatchdog, type WatchdogOptions } from './watchdog-options.js'
