export { checkWatchdog, type WatchdogOptions } from './watchdog/watchdog-options.js'
